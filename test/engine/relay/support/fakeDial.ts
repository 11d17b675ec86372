import type {
	Channel,
	ChannelEvents,
	Dial,
	DialTarget,
	IceCredentials,
	RelayEnd,
} from '../../../../engine/relay';
import { build, StunType } from '../../../../engine/relay/stun';
import { type StunMessage, parseStun } from '../../../../engine/relay/stunParser';

/** A channel that does what the test says. */
export class FakeChannel implements Channel {
	answered = false;
	closed = false;
	readonly sent: Buffer[] = [];
	readonly ice: IceCredentials[] = [];

	constructor(
		readonly target: DialTarget,
		private readonly events: ChannelEvents,
	) {}

	get name(): string {
		return `${this.target.address}:${this.target.port}`;
	}

	send(message: Uint8Array): void {
		if (!this.closed) {
			this.sent.push(Buffer.from(message));
		}
	}

	checkByIce(credentials: IceCredentials): void {
		this.ice.push(credentials);
	}

	close(): Promise<void> {
		this.closed = true;
		return Promise.resolve();
	}

	open(): void {
		this.answered = true;
		this.events.open();
	}

	deliver(message: Buffer): void {
		this.events.message(message);
	}

	end(kind: RelayEnd['kind'] = 'ended', reason = 'gone'): void {
		this.closed = true;
		this.events.closed({ kind, reason });
	}

	/** STUN messages of this type that were sent. */
	stun(type: number): StunMessage[] {
		return this.sent
			.map((bytes) => parseStun(bytes))
			.filter((message) => message?.type === type) as StunMessage[];
	}

	/** Answers the newest Allocate request; before a success, the ping. */
	answer(type: number = StunType.allocateSuccess, attributes: [number, Uint8Array][] = []): void {
		const request = this.stun(StunType.allocate).at(-1);
		if (request === undefined) {
			throw new Error('nothing was asked');
		}
		if (type !== StunType.allocateError) {
			this.pong();
		}
		this.deliver(build(type, request.transactionId, { attributes }));
	}

	/** Answers the newest ping. */
	pong(): void {
		const ping = this.stun(StunType.ping).at(-1);
		if (ping !== undefined) {
			this.deliver(build(StunType.pong, ping.transactionId, {}));
		}
	}

	refuse(code: number): void {
		const value = Buffer.from([0, 0, Math.floor(code / 100), code % 100]);
		this.answer(StunType.allocateError, [[0x0009, value]]);
	}

	/** Whatever is not STUN. */
	get media(): Buffer[] {
		return this.sent.filter((bytes) => parseStun(bytes) === undefined);
	}
}

/** Keeps every channel that was dialled. */
export class FakeDial {
	readonly channels: FakeChannel[] = [];

	readonly dial: Dial = (target, events) => {
		const channel = new FakeChannel(target, events);
		this.channels.push(channel);
		return channel;
	};

	/** The newest to this address and port. */
	to(address: string, port = 3478): FakeChannel {
		const channel = this.channels.findLast((candidate) => candidate.name === `${address}:${port}`);
		if (channel === undefined) {
			throw new Error(`nobody dialled ${address}:${port}`);
		}
		return channel;
	}

	/** Opens and allocates. */
	allocate(address: string, port = 3478): FakeChannel {
		const channel = this.to(address, port);
		channel.open();
		channel.answer();
		return channel;
	}
}
