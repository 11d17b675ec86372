import { FRAME_MS, FRAME_SAMPLES } from '../engine/audio/types';
import { deriveSenderKeys } from '../engine/media/keys';
import { OutgoingStream } from '../engine/media/outgoingStream';
import { SrtpReceiver } from '../engine/media/srtp';
import { AUDIO_SLOT, deriveSsrc } from '../engine/media/ssrc';
import type { Listener } from '../simulator/media/phoneMedia';
import { sharedNowMs } from './mediaProcess';

/** Where a header's extension says how many words it has: a packet of silence has one. */
const EXTENSION_WORDS_AT = 14;
/** As of speech at 24 kbit/s. */
const SAID = { payload: new Uint8Array(180).fill(0x58), comfortNoise: false };

export interface PhoneCall {
	callId: string;
	callKey: Buffer;
	/** As keys are derived for them. */
	caller: string;
	phone: string;
	tagBytes: number;
}

/** A phone that authenticates what it hears, notes when it came, and always speaks; it decodes nothing. */
export class CountingPhone implements Listener {
	/** When the first packet came that is no silence, on the shared clock. */
	firstWordAtMs: number | undefined;
	refused = 0;
	/** When each packet came, minus the time that its timestamp says. */
	private offsets: number[] = [];
	private readonly receiver: SrtpReceiver;
	private readonly stream: OutgoingStream;

	constructor(
		{ callId, callKey, caller, phone, tagBytes }: PhoneCall,
		private readonly send: (packet: Buffer) => void,
	) {
		this.receiver = new SrtpReceiver(deriveSenderKeys(callKey, caller).srtp, tagBytes);
		this.stream = new OutgoingStream({
			codec: 'opus',
			keys: deriveSenderKeys(callKey, phone).srtp,
			tagBytes,
			ssrc: deriveSsrc(callId, phone, AUDIO_SLOT),
			firstSequence: 1,
		});
	}

	hear(packet: Buffer): void {
		const nowMs = sharedNowMs();
		const opened = this.receiver.unprotect(packet);
		if (typeof opened === 'string') {
			this.refused += 1;
			return;
		}
		if (packet.readUInt16BE(EXTENSION_WORDS_AT) === 0) {
			this.firstWordAtMs ??= nowMs;
		}
		this.offsets.push(nowMs - (opened.header.timestamp / FRAME_SAMPLES) * FRAME_MS);
	}

	hearReport(): void {
		// Of no interest here.
	}

	/** To be called every 60 ms. */
	speak(): void {
		this.send(Buffer.from(this.stream.protect(SAID)));
	}

	reset(): void {
		this.offsets = [];
		this.refused = 0;
	}

	/** How late each packet was by a fixed clock of 60 ms, that of the earliest one: milliseconds. */
	lateness(): number[] {
		const earliest = Math.min(...this.offsets);
		return this.offsets.map((offset) => offset - earliest);
	}
}
