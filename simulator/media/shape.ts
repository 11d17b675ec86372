import type { SoundCodec } from './opus';
import { isMlowSilence, isNativeSilence } from './opusPacket';
import type { RtpHeader } from './rtp';

const AUDIO_PAYLOAD_TYPE = 120;
const EXTENSION_PROFILE = 0xdebe;
const SILENCE_WORD = Buffer.from('30010000', 'hex');
const SAMPLES = 960;
/** A pause of which the timestamps may tell (page 05 sections 1 and 2). */
const STALL_MS = 180;

/** An audio packet as far as its form goes. */
export interface Shape {
	index: number;
	header: RtpHeader;
	payload: Buffer;
	codec: SoundCodec;
	atMs: number;
}

/**
 * Compares a packet with page 05 section 1.
 * @param before the packet that was sent before it, when that one has come
 * @returns what is wrong, undefined when nothing is
 */
export function findShapeFault(shape: Shape, ssrc: number, before?: Shape): string | undefined {
	const { header, payload, codec } = shape;
	const silent = isSilent(shape);
	if (header.version !== 2 || header.padding || header.sources !== 0) {
		return 'the header is not version 2 without padding and sources';
	}
	if (header.payloadType !== AUDIO_PAYLOAD_TYPE) return `the payload type is ${header.payloadType}`;
	if (header.ssrc !== ssrc) return "the SSRC is not that of the calling device's slot 0";
	if (header.extension?.profile !== EXTENSION_PROFILE) return 'the extension 0xdebe is missing';
	const words = silent ? SILENCE_WORD : Buffer.alloc(0);
	if (!header.extension.words.equals(words)) {
		return `the extension of a ${silent ? 'silent' : 'speech'} packet has the words ${header.extension.words.toString('hex')}`;
	}
	if (codec === 'opus' && header.marker) return 'the marker is set on a native Opus packet';
	if (codec !== 'opus' && header.marker && (silent || (before && !isSilent(before)))) {
		return 'the marker is set elsewhere than on the first speech after silence';
	}
	if (codec !== 'opus' && !header.marker && !silent && before && isSilent(before)) {
		return 'the marker is missing on the first speech after silence';
	}
	if (payload.length > 1275) return 'the payload is longer than 1275 bytes';
	return before && findClockFault(before, shape);
}

export function isSilent({ codec, payload }: Shape): boolean {
	return codec === 'opus' ? isNativeSilence(payload) : isMlowSilence(payload);
}

function findClockFault(before: Shape, shape: Shape): string | undefined {
	const step = (shape.header.timestamp - before.header.timestamp) >>> 0;
	if (step === SAMPLES) return undefined;
	const stalled = shape.atMs - before.atMs >= STALL_MS && step % SAMPLES === 0 && step > SAMPLES;
	return stalled ? undefined : `the timestamp advances by ${step} from one packet to the next`;
}
