import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const VECTORS = join(__dirname, '..', 'vectors');

/** A vector file of MLow, parsed; what is in it is told by its `_about` and by the vectors' README. */
export function vectorJson<T>(name: string): T {
	return JSON.parse(readFileSync(join(VECTORS, name), 'utf8')) as T;
}

/** One subframe of encoder_trace.json. The arrays of weighting are left out of later packets. */
export interface TracedSubframe {
	wnrg: [number, number];
	max_pulses: number;
	importance: number;
	predcoef: number[];
	res: number[];
	nrg_wtgt: number;
	pulses: number[];
	acb_idx: number;
	gain_idx: number;
	perc_wght?: number[];
	imp?: number[];
	phi?: number[];
	d_lpc?: number[];
	d_ltp?: number[];
}

export interface TracedFrame {
	perc_corr: number[][];
	lpc_A: number[];
	nlsf: number[];
	pitchcorr: number;
	pitch_laginds: number[];
	pitch_avg_lag_harm: [number, number];
	pitch_contour: number;
	voicing_strength: number;
	voiced: 0 | 1;
	lsfq_cond: 0 | 1;
	lsfq_grid: number;
	lsfq_stage2: number[];
	nlsf_q: number[];
	nrgres?: number[];
	nrgres_qi?: [number, number];
	interp_rms?: [number, number];
	subframes: TracedSubframe[];
	lpc_windowed?: number[];
	lpc_F2?: number[];
	ltp_buf?: number[];
}

export interface TracedPacket {
	vad_prob: [number, number, number];
	coded_active: 0 | 1;
	hp: number[];
	intf: TracedFrame[];
	frame_hex: string;
}

export interface EncoderTrace {
	/** Whole numbers of 16 bits. */
	pcm: number[];
	packets: TracedPacket[];
}

export function encoderTrace(): EncoderTrace {
	return vectorJson<EncoderTrace>('encoder_trace.json');
}

/** Samples of a clip of the vectors, -1 to 1. */
export function clip(name: string): Float32Array {
	return Float32Array.from(wholeClip(name), (sample) => sample / 32768);
}

/** Samples of a clip of the vectors as they are stored. */
export function wholeClip(name: string): Int16Array {
	const bytes = readFileSync(join(VECTORS, 'e2e', `${name}.in.s16`));
	return Int16Array.from({ length: bytes.length / 2 }, (_, index) => bytes.readInt16LE(2 * index));
}

/** Payloads of the reference for a clip of the vectors. */
export function referencePayloads(name: string): Uint8Array[] {
	const bytes = readFileSync(join(VECTORS, 'e2e', `${name}.frames`));
	const payloads: Uint8Array[] = [];
	for (let at = 0; at < bytes.length; ) {
		const length = bytes.readUInt16LE(at);
		payloads.push(bytes.subarray(at + 2, at + 2 + length));
		at += 2 + length;
	}
	return payloads;
}

/** Whole packets of a signal; a rest shorter than 960 samples is left out. */
export function packetsOf(samples: Float32Array): Float32Array[] {
	return Array.from({ length: Math.floor(samples.length / 960) }, (_, index) =>
		samples.subarray(960 * index, 960 * (index + 1)),
	);
}

/** Largest difference as a share of the largest magnitude expected. */
export function relativeError(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
	let difference = 0;
	let scale = 1e-30;
	for (let index = 0; index < expected.length; index++) {
		// Written so that NaN is an error, too.
		const distance = Math.abs((actual[index] ?? NaN) - (expected[index] ?? NaN));
		difference = distance <= difference ? difference : distance;
		scale = Math.max(scale, Math.abs(expected[index] ?? 0));
	}
	return difference / scale;
}
