import { heardBy, spokenBy, type MlowSaid } from './agreement';
import { Ear, type HeardPacket } from './ear';
import { decodeHeard } from './hearing';
import { participantKeys, ssrcOf } from './keys';
import { Mouth } from './mouth';
import { SAMPLE_RATE_HZ, type SoundCodec } from './opus';
import { nothingSeen } from './seen';

/** Amplitude of a tone: -9 dBFS. */
const TONE_PEAK = 11_600;

/** The middle of a call, as a phone sees it. */
export interface Wire {
	readonly callId: string;
	/** The caller's device, as keys are derived for it. */
	readonly caller: string;
	readonly tagBytes: number;
	join(listener: Listener): void;
	leave(listener: Listener): void;
	toCaller(packet: Buffer): void;
	complain(kind: 'media', detail: string): void;
}

/** Who hears the packets of a caller. */
export interface Listener {
	/** @param relay name of the relay that brought it */
	hear(packet: Buffer, relay: string): void;
	hearReport(packet: Buffer): void;
}

/** What the script of a phone says about its media. */
export interface MediaScript {
	/** False for a phone that answers and never sends anything. */
	media: boolean;
	/** By default what was agreed; so is what it hears. */
	speaksCodec?: SoundCodec;
	hears?: 'any' | SoundCodec;
	/** How many copies of the frames before each of its MLow packets carries. */
	redundancy: number;
	/** Said right after the accept; seconds are real ones. */
	speakTone?: { hz: number; seconds: number };
}

const ALL_CODECS: SoundCodec[] = ['mlow', 'escape', 'opus'];

/** The ear and the mouth of one device in one call. It rings first, and may answer. */
export class PhoneMedia {
	readonly seen = nothingSeen();
	private readonly ear: Ear;
	private mouth: Mouth | undefined;

	/**
	 * @param callKey 32 bytes, as the device decrypted it
	 * @param participant the device itself, as keys are derived for it
	 * @param said what the two capabilities say of MLow
	 */
	constructor(
		private readonly wire: Wire,
		private readonly callKey: Buffer,
		private readonly participant: string,
		private readonly script: MediaScript,
		private readonly said: MlowSaid,
		counts: boolean,
	) {
		const { callId, caller, tagBytes } = wire;
		const complain = (detail: string): void => wire.complain('media', detail);
		const keys = participantKeys(callKey, caller);
		const hears = readsOf(script.hears, said);
		this.ear = new Ear({ callId, caller, keys, tagBytes, hears, counts, complain }, this.seen);
		wire.join(this.ear);
	}

	/** What it heard after the accept, as it came: decrypted payloads, in the order of arrival. */
	get packets(): readonly HeardPacket[] {
		return this.ear.packets;
	}

	/** What it heard after the accept: samples at 16 kHz. */
	heard(): Promise<Int16Array> {
		return decodeHeard(this.ear.packets);
	}

	/** When every check of what came so far has been made. */
	settled(): Promise<void> {
		return this.ear.settled();
	}

	/** The device accepts: from now on it hears, and speaks unless its script keeps it from it. */
	answer(): void {
		this.ear.accept();
		if (!this.script.media) return;
		const { callId, tagBytes } = this.wire;
		const facts = {
			ssrc: ssrcOf(callId, this.participant, 0),
			keys: participantKeys(this.callKey, this.participant),
			tagBytes,
			codec: this.script.speaksCodec ?? spokenBy(this.said),
			redundancy: this.script.redundancy,
			send: (packet: Buffer) => this.wire.toCaller(packet),
			block: () => this.ear.block,
		};
		this.mouth = new Mouth(facts, this.seen);
		this.mouth.start();
		const { speakTone } = this.script;
		if (!speakTone) return;
		const { hz, seconds } = speakTone;
		this.mouth.speak(tone(hz, seconds)).catch((error: unknown) => {
			this.wire.complain('media', `the tone was not said: ${String(error)}`);
		});
	}

	/** Says something; see Mouth. Throws while the device has no call. */
	async speak(pcm: Int16Array): Promise<void> {
		if (!this.mouth) throw new Error('This phone has not answered, or its script lets it be dumb');
		await this.mouth.speak(pcm);
	}

	/** Sends MLow payloads as they are, one every 60 ms; see Mouth. Throws while the device has no call. */
	async sendFrames(frames: readonly Uint8Array[]): Promise<void> {
		if (!this.mouth) throw new Error('This phone has not answered, or its script lets it be dumb');
		await this.mouth.sendFrames(frames);
	}

	/** The call is over for this device; what still comes is counted. */
	end(): void {
		this.ear.end();
		this.mouth?.stop();
	}

	/** Another device answered: this one hears nothing any more. */
	leave(): void {
		this.end();
		this.wire.leave(this.ear);
	}
}

function readsOf(hears: MediaScript['hears'], said: MlowSaid): SoundCodec[] {
	if (hears === undefined) return heardBy(said);
	return hears === 'any' ? ALL_CODECS : [hears];
}

/** A sine, at 16 kHz. */
export function tone(hz: number, seconds: number): Int16Array {
	return Int16Array.from({ length: Math.round(seconds * SAMPLE_RATE_HZ) }, (_, at) =>
		Math.round(TONE_PEAK * Math.sin((2 * Math.PI * hz * at) / SAMPLE_RATE_HZ)),
	);
}
