import { randomBytes } from 'node:crypto';
import type { BinaryNode } from '../codecs';
import type { NetworkContext } from '../context';
import type { Account } from '../directory';
import { PublishedKeys } from '../keys';
import { LinkedDevice } from '../linkedDevice';
import { isAnsweredBy, sealIdentity, signCompanion, type SignedIdentity } from '../phone/adv';
import type { KeyPair } from '../wire/certificate';
import type { Arrival, ChatConnection } from '../wire/connection';
import { bytes, child, iqResult, node, SERVER_JID } from '../wire/node';

const RESTART_REQUIRED = 515;
/** A client draws the next code a moment after the server counts. */
const QR_GRACE_SECONDS = 2;

/** The companion that came of a linking. */
export interface LinkedCompanion {
	jid: string;
	lid: string;
}

/** A client that is connected and belongs to nobody yet. */
export interface Candidate {
	readonly connection: ChatConnection;
	readonly noiseKey: Buffer;
	readonly keys: PublishedKeys;
	/** QR references that have not expired. */
	readonly references: Set<string>;
	pairing?: {
		id: string;
		device: { id: number; keyIndex: number };
		account: Account;
		identity: SignedIdentity;
		done: (companion: LinkedCompanion) => void;
		failed: (error: Error) => void;
	};
}

/** Turns unregistered clients into linked devices: QR references, pair-success, restart. */
export class LinkingDesk {
	private readonly candidates = new Map<ChatConnection, Candidate>();

	constructor(private readonly context: NetworkContext) {}

	/** Takes a client that sent pairing data, and gives it its QR references. Throws on bad keys. */
	register(connection: ChatConnection, { staticKey, payload }: Arrival): void {
		const { devicePairingData } = this.context.codecs.proto.ClientPayload.decode(payload);
		const field = (value: Uint8Array | null | undefined) => Buffer.from(value ?? []);
		if (!devicePairingData) throw new Error('neither a login nor a registration');
		const registrationId = field(devicePairingData.eRegid);
		const signedId = field(devicePairingData.eSkeyId);
		const keys = new PublishedKeys(
			registrationId.readUIntBE(0, registrationId.length),
			field(devicePairingData.eIdent),
			{
				id: signedId.readUIntBE(0, signedId.length),
				value: field(devicePairingData.eSkeyVal),
				signature: field(devicePairingData.eSkeySig),
			},
		);
		keys.assertSigned();
		const references = Array.from({ length: this.context.settings.qrCodes }, reference);
		this.candidates.set(connection, {
			connection,
			noiseKey: staticKey,
			keys,
			references: new Set(references),
		});
		const refs = references.map((text) => node('ref', {}, Buffer.from(text)));
		connection.send(
			node('iq', { from: SERVER_JID, type: 'set', id: this.context.nextId(), xmlns: 'md' }, [
				node('pair-device', {}, refs),
			]),
		);
		this.expire(connection, references);
	}

	candidate(connection: ChatConnection): Candidate | undefined {
		return this.candidates.get(connection);
	}

	/** The client that shows the QR code with this reference, as long as the code is good. */
	candidateOf(ref: string): Candidate | undefined {
		return [...this.candidates.values()].find(({ references }) => references.has(ref));
	}

	/** Sends pair-success; answers when the client has signed its identity and has to restart. */
	pair(
		candidate: Candidate,
		account: Account,
		identity: KeyPair,
		advSecret: Buffer,
	): Promise<LinkedCompanion> {
		const { codecs } = this.context;
		candidate.references.clear();
		const device = account.nextDevice();
		const companion = candidate.keys.identity;
		const signed = signCompanion(codecs, identity, companion, device.keyIndex);
		const id = this.context.nextId();
		const jid = account.phoneJidOf(device.id);
		const lid = account.lidOf(device.id);
		const linked = new Promise<LinkedCompanion>((done, failed) => {
			candidate.pairing = { id, device, account, identity: signed, done, failed };
		});
		candidate.connection.send(
			node('iq', { from: SERVER_JID, type: 'set', id, xmlns: 'md' }, [
				node('pair-success', {}, [
					node('device-identity', {}, sealIdentity(codecs, signed, advSecret)),
					node('device', { jid, lid }),
					node('platform', { name: 'android' }),
				]),
			]),
		);
		return linked;
	}

	/** Takes the client's answers to pair-device and pair-success. */
	answered(candidate: Candidate, iq: BinaryNode): void {
		const { pairing } = candidate;
		const content = child(child(iq, 'pair-device-sign'), 'device-identity');
		if (!pairing || iq.attrs.id !== pairing.id) return;
		const { codecs, faults } = this.context;
		const answer = bytes(content);
		const { account, device } = pairing;
		const fits = content?.attrs['key-index'] === String(device.keyIndex);
		if (
			!answer ||
			!fits ||
			!isAnsweredBy(codecs, candidate.keys.identity, pairing.identity, answer)
		) {
			faults.add('pairing', 'the device signature of pair-device-sign is wrong');
			candidate.connection.end();
			return;
		}
		const linked = new LinkedDevice(
			account,
			device.id,
			device.keyIndex,
			candidate.keys,
			candidate.noiseKey,
			faults,
		);
		account.devices.set(device.id, linked);
		this.context.linked.add(linked);
		this.candidates.delete(candidate.connection);
		candidate.connection.streamError(RESTART_REQUIRED);
		pairing.done({ jid: account.phoneJidOf(device.id), lid: account.lidOf(device.id) });
	}

	/** A client that left before it was linked. */
	closed(connection: ChatConnection): void {
		const candidate = this.candidates.get(connection);
		this.candidates.delete(connection);
		candidate?.pairing?.failed(new Error('The client went away before it was linked'));
	}

	/** Acknowledges an iq of a client that is not linked. */
	confirm(candidate: Candidate, iq: BinaryNode, content?: BinaryNode[]): void {
		candidate.connection.send(iqResult(iq, content));
	}

	/** Forgets the references one by one, then ends the stream (page 09: 60 s, then 20 s each). */
	private expire(connection: ChatConnection, references: readonly string[]): void {
		const { firstQrSeconds, nextQrSeconds } = this.context.settings;
		references.forEach((text, index) => {
			const seconds = firstQrSeconds + index * nextQrSeconds + QR_GRACE_SECONDS;
			this.context.after(seconds, () => {
				const candidate = this.candidates.get(connection);
				candidate?.references.delete(text);
				if (candidate?.references.size === 0 && !candidate.pairing) connection.end();
			});
		});
	}
}

function reference(): string {
	return `2@${randomBytes(60).toString('base64')}`;
}
