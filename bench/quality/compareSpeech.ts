import { align } from './alignment';
import { envelopeCorrelation, levelDifferenceDb } from './envelope';
import { intelligibility } from './intelligibility';
import { noiseRatioDb, segmentalNoiseRatioDb } from './noiseRatio';
import { spectralDistanceDb } from './spectralDistance';

/** 25 ms at 16 kHz. */
const MOST_DELAY = 400;
const FULL_SCALE = 32_768;

/** How close decoded speech is to what went into the encoder. */
export interface SpeechQuality {
	/** Samples by which the decoded signal is later. */
	delaySamples: number;
	/** Of the waveforms at that delay, 1 at best. */
	correlation: number;
	/** Signal to error, at the gain that fits best. */
	noiseRatioDb: number;
	/** The same, mean over 20 ms segments with speech. */
	segmentalNoiseRatioDb: number;
	/** Log spectral distance, 0 at best. */
	spectralDistanceDb: number;
	/** Correlation of the envelopes of loudness, 1 at best. */
	envelopeCorrelation: number;
	/** Short-time objective intelligibility, 1 at best. */
	intelligibility: number;
	/** By how much the decoded signal is louder. */
	levelDb: number;
}

/** @param reference and `decoded`: mono, 16 kHz */
export function compareSpeech(reference: Int16Array, decoded: Int16Array): SpeechQuality {
	const pair = align(normalised(reference), normalised(decoded), MOST_DELAY);
	return {
		delaySamples: pair.delaySamples,
		correlation: pair.correlation,
		noiseRatioDb: noiseRatioDb(pair),
		segmentalNoiseRatioDb: segmentalNoiseRatioDb(pair),
		spectralDistanceDb: spectralDistanceDb(pair),
		envelopeCorrelation: envelopeCorrelation(pair),
		intelligibility: intelligibility(pair),
		levelDb: levelDifferenceDb(pair),
	};
}

/** -1 to 1. */
function normalised(samples: Int16Array): Float64Array {
	return Float64Array.from(samples, (sample) => sample / FULL_SCALE);
}
