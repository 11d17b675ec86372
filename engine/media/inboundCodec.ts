import { fromEscape } from '../audio/codec/escape';
import type { CallCodecName } from './messages';
import { AUDIO_PAYLOAD_TYPE, MLOW_RED_PAYLOAD_TYPE, OPUS_48_PAYLOAD_TYPE } from './rtp';

/** Shorter packets may be comfort noise of any codec. */
const MIN_TELLING_BYTES = 16;
const TELLING_PACKETS = 20;
/** More than 80 % of them. */
const MIN_ALIKE_PACKETS = 17;
/** 60 ms MLow: speech, background noise, hangover. */
const MLOW_FIRST_BYTES: readonly (number | undefined)[] = [0x50, 0x10, 0x12];
/** Native Opus as phones send it, SILK wideband of 60 ms: to MLow it would be 120 ms. */
const NATIVE_FIRST_BYTE = 0x58;
/** Without the bits for stereo and the number of frames. */
const NATIVE_MASK = 0xfc;

/**
 * Which codec the recipient's packets are of (protocol page 05, "Identify the inbound codec"). What
 * was negotiated is believed, unless the packets speak against it: where MLow was, each packet says
 * what it is; where it was not, the first ones together do.
 */
export class InboundCodec {
	private telling = 0;
	/** Of the telling packets, those that look like what was not negotiated. */
	private readonly alike = { escape: 0, mlow: 0 };
	private readonly seen = new Map<CallCodecName, number>();
	/** The same of packets that may be comfort noise only. */
	private readonly seenShort = new Map<CallCodecName, number>();
	/** Of the last packet that was no comfort noise. */
	private last: CallCodecName | undefined;

	/** @param mlowNegotiated whether the recipient may answer in MLow */
	constructor(private mlowNegotiated: boolean) {}

	/** What most packets were of, speech before silence; undefined before the first one. */
	get codec(): CallCodecName | undefined {
		return this.unexpected ?? mostOf(this.seen) ?? mostOf(this.seenShort);
	}

	/** What the packets are although it was not negotiated. */
	get unexpected(): 'escape' | 'mlow' | undefined {
		const { escape, mlow } = this.alike;
		if (mlow >= MIN_ALIKE_PACKETS) {
			return 'mlow';
		}
		return escape >= MIN_ALIKE_PACKETS ? 'escape' : undefined;
	}

	/** No packet to come changes what the ones before it were of. */
	get decided(): boolean {
		const most = Math.max(this.alike.mlow, this.alike.escape);
		return (
			this.mlowNegotiated ||
			this.telling >= TELLING_PACKETS ||
			this.telling - most > TELLING_PACKETS - MIN_ALIKE_PACKETS
		);
	}

	/** What the recipient's capability says. */
	expectMlow(mlow: boolean): void {
		this.mlowNegotiated = mlow;
	}

	/** @returns undefined for packets that are no sound: video, data */
	add(payloadType: number, payload: Uint8Array): CallCodecName | undefined {
		const codec = this.identify(payloadType, payload);
		if (codec !== undefined) {
			const seen = payload.length >= MIN_TELLING_BYTES ? this.seen : this.seenShort;
			seen.set(codec, (seen.get(codec) ?? 0) + 1);
		}
		return codec;
	}

	private identify(payloadType: number, payload: Uint8Array): CallCodecName | undefined {
		switch (payloadType) {
			case MLOW_RED_PAYLOAD_TYPE:
				return 'mlow';
			case OPUS_48_PAYLOAD_TYPE:
				return 'opus';
			case AUDIO_PAYLOAD_TYPE:
				break;
			default:
				return undefined;
		}
		if (this.mlowNegotiated) {
			return this.identifyBySelf(payload);
		}
		this.weigh(payload);
		return this.unexpected ?? 'opus';
	}

	/** MLow of calls has 60 ms: what begins otherwise is not MLow. */
	private identifyBySelf(payload: Uint8Array): CallCodecName {
		const unescaped = fromEscape(payload);
		if (unescaped?.kind === 'comfortNoise') {
			// Escape and MLow have the same.
			return this.last === 'escape' ? 'escape' : 'mlow';
		}
		const isNative = ((payload[0] ?? 0) & NATIVE_MASK) === NATIVE_FIRST_BYTE;
		this.last = unescaped !== undefined ? 'escape' : isNative ? 'opus' : 'mlow';
		return this.last;
	}

	private weigh(payload: Uint8Array): void {
		if (payload.length >= MIN_TELLING_BYTES && !this.decided) {
			this.telling += 1;
			if (MLOW_FIRST_BYTES.includes(payload[0])) {
				this.alike.mlow += 1;
			} else if (fromEscape(payload)?.kind === 'opus') {
				// Plain Opus of a clock of 16 kHz has no band that would make it begin like this.
				this.alike.escape += 1;
			}
		}
	}
}

function mostOf(seen: ReadonlyMap<CallCodecName, number>): CallCodecName | undefined {
	const [most] = [...seen].sort(([, a], [, b]) => b - a);
	return most?.[0];
}
