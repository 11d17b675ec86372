/** What the full reference encoder and decoder make of a clip: what ours is held to. */
export interface QualityBar {
	clip: string;
	/** Of all packets together. */
	bytes: number;
	correlation: number;
	segmentalNoiseRatioDb: number;
	spectralDistanceDb: number;
	intelligibility: number;
}

/** Measured on the clips of the MLow vectors with the measures of `quality/`. */
export const QUALITY_BARS: readonly QualityBar[] = [
	{
		clip: 's1_male_clean',
		bytes: 10_987,
		correlation: 0.927,
		segmentalNoiseRatioDb: 6.1,
		spectralDistanceDb: 4.44,
		intelligibility: 0.979,
	},
	{
		clip: 's2_female_noise',
		bytes: 11_065,
		correlation: 0.932,
		segmentalNoiseRatioDb: 6.6,
		spectralDistanceDb: 3.88,
		intelligibility: 0.985,
	},
	{
		clip: 's3_pt_quiet',
		bytes: 10_630,
		correlation: 0.921,
		segmentalNoiseRatioDb: 6.8,
		spectralDistanceDb: 4.23,
		intelligibility: 0.981,
	},
];

/** Signal to error of our decoder alone against the reference's, over a whole clip, in dB. */
export const DECODER_BARS: ReadonlyArray<{ clip: string; noiseRatioDb: number }> = [
	{ clip: 's1_male_clean', noiseRatioDb: 35 },
	{ clip: 's2_female_noise', noiseRatioDb: 35 },
	{ clip: 's3_pt_quiet', noiseRatioDb: 35 },
	{ clip: 'ext_synth', noiseRatioDb: 33 },
];

/** How far below a bar still counts as reached. */
export const INTELLIGIBILITY_TOLERANCE = 0.01;
export const SPECTRAL_DISTANCE_TOLERANCE_DB = 0.3;

/** Of speech for which there is no reference. */
export const LEAST_INTELLIGIBILITY = 0.965;
export const MOST_SPECTRAL_DISTANCE_DB = 4.9;

/** Of the clips of the vectors. */
export const DELAY_SAMPLES = 80;
export const MOST_LEVEL_DIFFERENCE_DB = 0.7;

/** Of every clip. */
export const LEAST_ENVELOPE_CORRELATION = 0.975;
export const MOST_MEAN_PACKET_BYTES = 200;

/** Median for a frame of 60 ms on one core, in milliseconds. */
export const MOST_ENCODE_MS = 2.5;
export const MOST_DECODE_MS = 0.6;

/**
 * What a frame may allocate, in bytes: its packet or its 960 samples, and numbers that V8 boxes. One
 * more array of a frame's samples is too much.
 */
export const MOST_ALLOCATED_BYTES = 4096;
/** What may still be held after garbage collection, in bytes for a frame. */
export const MOST_RETAINED_BYTES = 64;
