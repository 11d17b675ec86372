/** First bytes of packets of 60 ms (MLow chapter 01). */
export const ACTIVE_SPEECH = 0x50;
/** The first packet after speech: like speech. */
export const HANGOVER = 0x12;
export const BACKGROUND_NOISE = 0x10;
export const SILENCE = 0x90;

/** What the first byte of a payload says. */
export interface Toc {
	/** Top bits 11: an Opus packet in MLow's framing, no MLow. */
	opusEscape: boolean;
	/** Silence descriptor: there are no audio parameters. */
	silence: boolean;
	/** Voice activity was detected. */
	speech: boolean;
	/** Internal sampling rate, Hz. */
	sampleRate: 16_000 | 32_000;
	frameMs: 10 | 20 | 60 | 120;
	/** Coded with the full syntax. */
	active: boolean;
	/** Configuration 1, which nobody uses in calls. */
	lowRate: boolean;
}

/**
 * - `speech`: full syntax
 * - `background`: reduced syntax, never voiced
 * - `silence`: nothing to decode
 * - `unsupported`: another duration, rate or codec
 */
export type PacketKind = 'background' | 'silence' | 'speech' | 'unsupported';

const FRAME_MS = [10, 20, 60, 120] as const;

const SID_BIT = 0x80;
const VAD_BIT = 0x40;
const RATE_BIT = 0x20;
const LOW_RATE_BIT = 0x04;
const HANGOVER_BIT = 0x02;
const DURATION_SHIFT = 3;
const DURATION_60_MS = 2;

/** @param byte the first byte of a payload: each of the 256 values means something */
export function parseToc(byte: number): Toc {
	return {
		opusEscape: isOpusEscape(byte),
		silence: (byte & SID_BIT) !== 0,
		speech: (byte & VAD_BIT) !== 0,
		sampleRate: (byte & RATE_BIT) === 0 ? 16_000 : 32_000,
		frameMs: FRAME_MS[(byte >> DURATION_SHIFT) & 3] ?? 60,
		active: isActive(byte),
		lowRate: (byte & LOW_RATE_BIT) !== 0,
	};
}

/** @returns how to read the rest of a payload that begins with this byte; bit 0 is not looked at */
export function packetKind(byte: number): PacketKind {
	if (isOpusEscape(byte)) return 'unsupported';
	if ((byte & SID_BIT) !== 0) return 'silence';
	const supported =
		(byte & (RATE_BIT | LOW_RATE_BIT)) === 0 && ((byte >> DURATION_SHIFT) & 3) === DURATION_60_MS;
	if (!supported) return 'unsupported';
	return isActive(byte) ? 'speech' : 'background';
}

function isOpusEscape(byte: number): boolean {
	return (byte & (SID_BIT | VAD_BIT)) === (SID_BIT | VAD_BIT);
}

function isActive(byte: number): boolean {
	return (byte & (VAD_BIT | HANGOVER_BIT)) !== 0;
}
