import { FRAME_SAMPLES, type CallCodec } from '../engine/audio/types';
import {
	DELAY_SAMPLES,
	INTELLIGIBILITY_TOLERANCE,
	LEAST_ENVELOPE_CORRELATION,
	LEAST_INTELLIGIBILITY,
	MOST_LEVEL_DIFFERENCE_DB,
	MOST_MEAN_PACKET_BYTES,
	MOST_SPECTRAL_DISTANCE_DB,
	SPECTRAL_DISTANCE_TOLERANCE_DB,
	type QualityBar,
} from './mlowBars';
import { compareSpeech, type SpeechQuality } from './quality/compareSpeech';
import { decibels } from './quality/segments';

/** A clip after encoder and decoder. */
export interface PassedThrough {
	decoded: Int16Array;
	packets: number;
	/** Of all packets. */
	bytes: number;
	quality: SpeechQuality;
}

/** @param samples whole frames, mono, 16 kHz */
export function passThrough(codec: CallCodec, samples: Int16Array): PassedThrough {
	const encoder = codec.createEncoder();
	const decoder = codec.createDecoder();
	const decoded = new Int16Array(samples.length);
	let bytes = 0;
	for (let at = 0; at < samples.length; at += FRAME_SAMPLES) {
		const { payload } = encoder.encode(samples.subarray(at, at + FRAME_SAMPLES));
		bytes += payload.length;
		decoded.set(decoder.decode(payload), at);
	}
	encoder.close();
	decoder.close();
	return {
		decoded,
		packets: samples.length / FRAME_SAMPLES,
		bytes,
		quality: compareSpeech(samples, decoded),
	};
}

/** What a clip of the vectors misses against the reference: nothing when all is well. */
export function missedAgainst(bar: QualityBar, passed: PassedThrough): string[] {
	const { quality } = passed;
	return [
		...missedAnywhere(passed),
		...below('STOI', quality.intelligibility, bar.intelligibility - INTELLIGIBILITY_TOLERANCE),
		...above(
			'LSD',
			quality.spectralDistanceDb,
			bar.spectralDistanceDb + SPECTRAL_DISTANCE_TOLERANCE_DB,
		),
		...(quality.delaySamples === DELAY_SAMPLES ? [] : [`delay is not ${DELAY_SAMPLES}`]),
		...above('level', Math.abs(quality.levelDb), MOST_LEVEL_DIFFERENCE_DB),
	];
}

/**
 * What speech without a reference misses. Its waveform is not judged: the decoder's pitch high-pass
 * (MLow chapter 08) lifts the fundamental by 1.2 dB and shifts it, which is most of a high voice.
 */
export function missedByItself(passed: PassedThrough): string[] {
	const { quality } = passed;
	return [
		...missedAnywhere(passed),
		...below('STOI', quality.intelligibility, LEAST_INTELLIGIBILITY),
		...above('LSD', quality.spectralDistanceDb, MOST_SPECTRAL_DISTANCE_DB),
	];
}

function missedAnywhere({ quality, bytes, packets }: PassedThrough): string[] {
	return [
		...below('envelope', quality.envelopeCorrelation, LEAST_ENVELOPE_CORRELATION),
		...above('bytes a packet', bytes / packets, MOST_MEAN_PACKET_BYTES),
	];
}

export function above(what: string, value: number, most: number): string[] {
	// Not a number is a miss too.
	return value <= most ? [] : [`${what} above ${rounded(most)}`];
}

export function below(what: string, value: number, least: number): string[] {
	return value >= least ? [] : [`${what} below ${rounded(least)}`];
}

function rounded(value: number): number {
	return Number(value.toFixed(3));
}

/** Signal to error of a decoder alone, in dB; both start at the same moment. */
export function decoderNoiseRatioDb(
	codec: CallCodec,
	packets: readonly Uint8Array[],
	expected: Int16Array,
): number {
	const decoder = codec.createDecoder();
	let signal = 0;
	let error = 0;
	packets.forEach((packet, position) => {
		const decoded = decoder.decode(packet);
		const wanted = expected.subarray(position * FRAME_SAMPLES, (position + 1) * FRAME_SAMPLES);
		wanted.forEach((sample, index) => {
			signal += sample ** 2;
			error += (sample - (decoded[index] ?? 0)) ** 2;
		});
	});
	decoder.close();
	return decibels(signal / error);
}
