import { randomBytes } from 'node:crypto';
import { performance } from 'node:perf_hooks';
import { checkAllocate, type Grant, type Refusal } from './allocation';
import { isReliable, type RelayConditions } from './conditions';
import type { Bridge, Line } from './line';
import { ATTRIBUTE, hasFingerprint, isSigned, readStun, STUN, writeStun } from './stun';
import type { StunMessage } from './stun';

const ENVELOPE = 0x09;
const ALIVE_MS = 2000;

/** What a client shares with its relay. */
export interface ClientHost {
	readonly name: string;
	readonly conditions: RelayConditions;
	/** Milliseconds: how long an allocation lives, how often and how patiently the client is asked. */
	readonly limits: { allocationMs: number; bindingMs: number; patienceMs: number };
	/** The call that this relay was named for with this token. */
	findGrant(token: Buffer): RelayGrant | undefined;
	complain(detail: string): void;
}

export interface RelayGrant extends Grant {
	line: Line;
}

/** One client at one relay: its allocation, and whether its media is bridged (page 04 section 5). */
export class RelayClient implements Bridge {
	private readonly connection = randomBytes(8);
	private readonly bindings = new Set<string>();
	private grant: RelayGrant | undefined;
	private allocate: Buffer | undefined;
	private allocated = false;
	private pinged = false;
	/** Something was done by which the bridge never forms. */
	private spoiled = false;
	private bridged = false;
	private aliveAt = performance.now();
	private signAt = 0;
	private boundAt = 0;
	private askedAt = 0;

	constructor(
		private readonly host: ClientHost,
		private readonly send: (message: Buffer) => void,
		private readonly drop: () => void,
	) {}

	get relay(): string {
		return this.host.name;
	}

	get isBridged(): boolean {
		return this.bridged && this.allocated;
	}

	/** For the control: how far it has come. */
	get state(): { callId: string | undefined; allocated: boolean; bridged: boolean } {
		const { allocated, isBridged } = this;
		return { callId: this.grant?.callId, allocated, bridged: isBridged };
	}

	toClient(packet: Buffer): void {
		if (!this.host.conditions.oneWay) this.send(packet);
	}

	/** A message of the channel (page 04 section 6). */
	take(message: Buffer): void {
		this.aliveAt = performance.now();
		const [first, second] = message;
		if (first === undefined || second === undefined || first === ENVELOPE) {
			return this.complain('a message that is neither STUN nor media');
		}
		if ((first & 0xc0) === 0) {
			const stun = readStun(message);
			if (stun) this.takeStun(stun);
			else this.complain('a STUN message with a wrong cookie or length');
		} else if (first >> 6 !== 2) this.complain('a message that is neither STUN nor media');
		else this.takeMedia(message, second >= 192 && second <= 223 ? 'report' : 'audio');
	}

	/** Called a few times a second. */
	tick(now: number): void {
		const { allocationMs, bindingMs, patienceMs } = this.host.limits;
		if (this.allocated && now - this.signAt > allocationMs) {
			this.allocated = this.bridged = false;
		}
		if (!this.grant || this.askedAt === 0 || now - this.askedAt < bindingMs) return;
		if (now - this.boundAt > patienceMs) {
			if (now - this.aliveAt < ALIVE_MS && isReliable(this.host.conditions)) {
				this.complain('Binding Requests were not answered');
			}
			return this.drop();
		}
		this.ask(now);
	}

	/** The connection is gone. */
	leave(): void {
		this.grant?.line.detach(this);
	}

	private takeStun(message: StunMessage): void {
		switch (message.type) {
			case STUN.allocate:
				return this.takeAllocate(message);
			case STUN.ping:
				if (message.attributes.length > 0) this.complain('a ping with attributes');
				this.pinged = true;
				this.signAt = performance.now();
				return this.send(writeStun(STUN.pong, message.id));
			case STUN.bindingSuccess:
				return this.takeAnswer(message);
			case STUN.bindingRequest:
				this.spoiled = true;
				this.bridged = false;
				return this.complain('a Binding Request of the client: the bridge never forms');
			default:
				return this.complain(`a STUN message of type ${message.type.toString(16)}`);
		}
	}

	private takeAllocate(message: StunMessage): void {
		const checked = this.checkAgain(message);
		if ('why' in checked) {
			const { code, why } = checked;
			if (why !== '') this.complain(`an Allocate was refused: ${why}`);
			const value = Buffer.from([0, 0, Math.floor(code / 100), code % 100]);
			const error = { type: ATTRIBUTE.errorCode, value };
			return this.send(writeStun(STUN.allocateError, message.id, [error]));
		}
		const now = performance.now();
		this.grant = checked;
		this.allocate = message.raw;
		this.allocated = true;
		this.signAt = now;
		checked.line.attach(this);
		const connection = { type: ATTRIBUTE.connection, value: this.connection };
		this.send(writeStun(STUN.allocateSuccess, message.id, [connection]));
		if (this.askedAt !== 0) return;
		this.boundAt = now;
		this.ask(now);
	}

	private checkAgain(message: StunMessage): RelayGrant | Refusal {
		const { refuses } = this.host.conditions;
		if (refuses !== 0) return { code: refuses, why: '' };
		if (this.grant && this.allocate?.equals(message.raw)) return this.grant;
		const checked = checkAllocate(message, (token) => this.host.findGrant(token));
		if (this.grant && !('why' in checked)) {
			this.complain('a repeated Allocate has other bytes than the first');
		}
		return checked;
	}

	private takeAnswer(message: StunMessage): void {
		const types = message.attributes.map(({ type }) => type);
		const key = this.grant?.key ?? '';
		if (!this.bindings.delete(message.id.toString('hex'))) {
			return this.complain('an answer to a Binding Request that was not asked, or long ago');
		}
		if (types.join(' ') !== `${ATTRIBUTE.integrity} ${ATTRIBUTE.fingerprint}`) {
			return this.complain(
				'a Binding answer with other attributes than its integrity and checksum',
			);
		}
		if (!isSigned(message, key) || !hasFingerprint(message)) {
			return this.complain('a Binding answer with a wrong integrity or checksum');
		}
		this.boundAt = performance.now();
	}

	private takeMedia(packet: Buffer, kind: 'audio' | 'report'): void {
		const { grant } = this;
		if (!grant || !this.allocated) {
			const when = grant ? 'after the allocation expired' : 'before an Allocate';
			return this.mind(`media ${when}`);
		}
		if (!this.pinged) {
			this.spoiled ||= isReliable(this.host.conditions);
			return this.mind('media before the first ping: the bridge never forms');
		}
		if (this.spoiled) return;
		if (kind === 'audio') this.bridged = true;
		grant.line.fromCaller(packet, kind, this.relay);
	}

	private ask(now: number): void {
		this.askedAt = now;
		const id = randomBytes(12);
		this.bindings.add(id.toString('hex'));
		this.send(writeStun(STUN.bindingRequest, id, [], this.grant?.key, true));
	}

	/** Complains of what a client could not have done better on a bad network. */
	private mind(detail: string): void {
		if (isReliable(this.host.conditions)) this.complain(detail);
	}

	private complain(detail: string): void {
		const where = `${this.relay}: ${detail}`;
		if (this.grant) this.grant.line.complain('relay', where);
		else this.host.complain(where);
	}
}
