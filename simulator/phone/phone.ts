import type { NetworkContext } from '../context';
import type { Account } from '../directory';
import type { PhoneMedia } from '../media/phoneMedia';
import type { LinkCodeDesk } from '../services/linkCode';
import type { LinkedCompanion, LinkingDesk } from '../services/linking';
import { warnOfFewKeys } from '../services/preKeys';
import { tokenNotification } from '../services/tokens';
import type { VoiceRead } from '../voice/reader';
import type { KeyPair } from '../wire/certificate';
import { node, now } from '../wire/node';
import { SimulatedDevice, type Owner } from './device';
import { DEFAULT_SCRIPT, readScript, type PhoneScript } from './script';
import type { CallSeen, MessageSeen, PhoneSeen } from './seen';

/** Device numbers are not consecutive on WhatsApp: what counts them by index is found out. */
const DEVICE_IDS = [0, 3, 14, 27];
const QR_PREFIX = 'https://wa.me/settings/linked_devices#';

/** How a phone is set up. */
export interface PhoneOptions {
	/** Digits, as WhatsApp writes the number in the JID. */
	number: string;
	/** Other ways to dial it: with or without Brazil's ninth digit, Mexico's 1. */
	aliases?: string[];
	/** One to four devices; the first is the primary phone. */
	devices?: number;
	/** False for a number that can be dialled and is not on WhatsApp. */
	onWhatsApp?: boolean;
	script?: Partial<PhoneScript>;
}

/** A person's WhatsApp: the account, the primary phone and its simulated companions. */
export class Phone implements Owner {
	readonly seen: PhoneSeen = { calls: [], messages: [], receipts: [] };
	readonly media = new Map<CallSeen, PhoneMedia>();
	readonly voices = new Map<MessageSeen, VoiceRead>();
	readonly devices: readonly SimulatedDevice[];
	script: PhoneScript;
	private readonly identity: KeyPair;

	constructor(
		private readonly context: NetworkContext,
		private readonly linking: LinkingDesk,
		private readonly linkCodes: LinkCodeDesk,
		readonly account: Account,
		{ devices = 1, onWhatsApp = true, script }: PhoneOptions,
	) {
		if (devices < 1 || devices > DEVICE_IDS.length)
			throw new Error('A phone has one to four devices');
		this.script = readScript(script ?? {});
		this.identity = context.codecs.Curve.generateKeyPair();
		this.devices = DEVICE_IDS.slice(0, devices).map((id, index) => {
			const identity = id === 0 ? this.identity : undefined;
			return new SimulatedDevice(context, this, account, id, index, identity);
		});
		for (const device of this.devices) account.adopt(device);
		account.identity = Buffer.from(this.identity.public);
		account.registered = onWhatsApp;
		account.rules = () => this.script;
	}

	/** The number, which also names the phone in the HTTP control. */
	get id(): string {
		return this.account.number;
	}

	/** Address by number. */
	get jid(): string {
		return this.account.phoneJidOf(0);
	}

	/** Hidden address. */
	get lid(): string {
		return this.account.lidOf(0);
	}

	/** Replaces the script; devices that are no longer offline take what waited for them. */
	async setScript(script: Partial<PhoneScript>): Promise<void> {
		this.script = readScript({ ...DEFAULT_SCRIPT, ...script });
		for (const device of this.devices) if (device.online) await device.comeBack();
	}

	/**
	 * Scans the QR code of a client and links it.
	 * @returns addresses of the new device, when it has signed its identity and is told to restart
	 */
	async scan(qrText: string): Promise<LinkedCompanion> {
		const text = qrText.startsWith(QR_PREFIX) ? qrText.slice(QR_PREFIX.length) : qrText;
		const [ref, noiseKey, identityKey, advSecret] = text.split(',');
		const candidate = this.linking.candidateOf(ref ?? '');
		if (!candidate || !noiseKey || !identityKey || !advSecret) {
			throw new Error('No client shows this QR code, or it has expired');
		}
		const sameNoise = Buffer.from(noiseKey, 'base64').equals(candidate.noiseKey);
		if (!sameNoise || !Buffer.from(identityKey, 'base64').equals(candidate.keys.identity)) {
			this.context.faults.add('pairing', 'the QR code names other keys than its connection');
			throw new Error('The QR code does not belong to its connection');
		}
		const secret = Buffer.from(advSecret, 'base64');
		return this.linking.pair(candidate, this.account, this.identity, secret);
	}

	/** Types the pairing code that a client shows for this number. Rejects when the code is wrong. */
	enterPairingCode(code: string): Promise<LinkedCompanion> {
		return this.linkCodes.enter(this.account, this.identity, code);
	}

	/** Sends a text from the primary phone to every device of an account; answers the message id. */
	async sendText(to: string, text: string): Promise<string> {
		const recipient = this.context.directory.dial(to);
		const [primary] = this.devices;
		if (!recipient || !primary) throw new Error(`${to} is not on WhatsApp`);
		const id = this.context.nextId();
		const { proto } = this.context.codecs;
		const plaintext = Buffer.from(proto.Message.encode({ conversation: text }).finish());
		for (const device of recipient.devices.values()) {
			const lid = recipient.lidOf(device.id);
			const enc = await primary.signal.encrypt(lid, plaintext, () => device.keys.bundle(lid));
			const attributes = { from: this.lid, sender_pn: this.jid, id, type: 'text', t: now() };
			const content = node('enc', { v: '2', type: enc.type }, enc.content);
			device.deliver(node('message', { ...attributes, notify: 'Simulator' }, [content]));
			for (const linked of this.context.linked) {
				if (linked === device) warnOfFewKeys(this.context, linked);
			}
		}
		return id;
	}

	/** The file of a voice note, by its place in `seen.messages`. */
	voiceOf(message: number): Buffer {
		return this.voiceRead(message).ogg;
	}

	/** The key that it came with, which must not turn up anywhere else. */
	mediaKeyOf(message: number): Buffer {
		return this.voiceRead(message).mediaKey;
	}

	/** The media of a call, by its place in `seen.calls`: what was heard, sample by sample. */
	mediaOf(call: number): PhoneMedia {
		const seen = this.seen.calls[call];
		const media = seen && this.media.get(seen);
		if (!media) throw new Error(`The phone ${this.id} has no media of a call ${call}`);
		return media;
	}

	/** Whether it has answered a call that goes on. */
	get isInCall(): boolean {
		return this.seen.calls.some(({ state }) => state === 'answered');
	}

	/**
	 * Says something in the call that it has answered.
	 * @param pcm samples at 16 kHz
	 * @returns when the last packet was sent, or the call is over
	 */
	async speak(pcm: Int16Array): Promise<void> {
		await this.currentMedia().speak(pcm);
	}

	/**
	 * Sends MLow payloads as they are in the call that it has answered, one every 60 ms.
	 * @returns when the last one was sent, or the call is over
	 */
	async sendFrames(frames: readonly Uint8Array[]): Promise<void> {
		await this.currentMedia().sendFrames(frames);
	}

	/** Somebody answers the ringing call, whatever the script says. Throws when none rings. */
	answer(device = this.script.device): void {
		if (!this.find(device).ringer.answerRinging())
			throw new Error(`The phone ${this.id} does not ring`);
	}

	/** Somebody declines the ringing call. Throws when none rings. */
	decline(device = this.script.device): void {
		if (!this.find(device).ringer.declineRinging())
			throw new Error(`The phone ${this.id} does not ring`);
	}

	/** Somebody hangs up. Throws when there is no call. */
	hangUp(device = this.script.device): void {
		if (!this.find(device).ringer.hangUpAnswered())
			throw new Error(`The phone ${this.id} is in no call`);
	}

	/** Ends the media of every call: the network closes. */
	endMedia(): void {
		for (const media of this.media.values()) media.end();
	}

	/** Gives its trusted-contact token to an account, as after a conversation (page 02 section 2). */
	trust(number: string): void {
		const to = this.context.directory.dial(number);
		if (!to) throw new Error(`${number} is not on WhatsApp`);
		for (const linked of this.context.linked) {
			if (linked.account === to) linked.deliver(tokenNotification(this.context, this.account, to));
		}
	}

	/** Sets a device up anew: new keys, no sessions. Offers under the old ones are refused with 479. */
	reinstall(device = 0): void {
		this.find(device).signal.reinstall();
	}

	/** Uses up the one-time keys of a device. */
	exhaustKeys(device = 0): void {
		this.find(device).keys.oneTime.clear();
	}

	/** Removes a simulated companion: the account's device list gets shorter. */
	removeDevice(device: number): void {
		this.account.devices.delete(this.find(device).id);
	}

	private currentMedia(): PhoneMedia {
		const call = this.seen.calls.find(({ state }) => state === 'answered');
		const media = call && this.media.get(call);
		if (!media) throw new Error(`The phone ${this.id} is in no call`);
		return media;
	}

	private voiceRead(message: number): VoiceRead {
		const seen = this.seen.messages[message];
		const voice = seen && this.voices.get(seen);
		if (!voice) throw new Error(`The phone ${this.id} has no voice note ${message}`);
		return voice;
	}

	private find(id: number): SimulatedDevice {
		const found = this.devices.find((device) => device.id === id);
		if (!found) throw new Error(`This phone has no device ${id}`);
		return found;
	}
}
