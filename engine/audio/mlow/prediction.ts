import type { InternalFrame } from './frameParameters';

/** No index came before. */
export const NONE = -1;

/**
 * What earlier symbols of a packet tell about the next ones: both sides choose CDFs by it (MLow
 * chapters 03 to 05). It begins anew with each packet, and after a change between voiced and unvoiced.
 */
export interface Prediction {
	/** Index of the last pitch gain, or NONE. */
	pitchGain: number;
	/** Index of the last pulse gain of a voiced frame, or NONE. */
	pulseGain: number;
	/** Range and lag index of the last segment, or NONE. */
	range: number;
	lagIndex: number;
}

export function emptyPrediction(): Prediction {
	return { pitchGain: NONE, pulseGain: NONE, range: NONE, lagIndex: NONE };
}

export function forget(prediction: Prediction): void {
	prediction.pitchGain = NONE;
	prediction.pulseGain = NONE;
	prediction.range = NONE;
	prediction.lagIndex = NONE;
}

/**
 * Row of the CDF of the voiced flag: see `LsfFile.voicedCdf`.
 *
 * @param previous internal frame of the same packet
 */
export function voicedRow(previous: InternalFrame | undefined): number {
	if (previous === undefined) return 0;
	return previous.voiced ? 2 : 1;
}
