import type { InternalFrame } from './frameParameters';
import { UNVOICED_PULSE_GAINS, VOICED_PULSE_GAINS } from './symbolTables';

/** Gains of voiced frames are so far apart, from the lowest one on (MLow chapter 05). */
export const VOICED_DB_PER_STEP = 3;
export const VOICED_LOWEST_DB = -100;
/** Those of unvoiced frames are 1 dB apart. */
export const UNVOICED_LOWEST_DB = -90;
/** Mean square of the residual below which there is none: -85 dB (MLow chapter 05). */
export const ENERGY_FLOOR = 10 ** -8.5;

/** What a unit pulse is multiplied by, for each index of voiced frames (MLow chapter 05). */
export const VOICED_PULSE_GAIN_VALUES = Float64Array.from(
	{ length: VOICED_PULSE_GAINS },
	(_, index) => 10 ** ((VOICED_DB_PER_STEP * index + VOICED_LOWEST_DB) / 20),
);

const UNVOICED_PULSE_GAIN_VALUES = Float64Array.from(
	{ length: UNVOICED_PULSE_GAINS },
	(_, index) => 10 ** ((index + UNVOICED_LOWEST_DB) / 20),
);

/** What a unit pulse of a subframe is multiplied by; 0 without pulses. */
export function pulseGain({ pulseGains, voiced }: InternalFrame, subframe: number): number {
	const values = voiced ? VOICED_PULSE_GAIN_VALUES : UNVOICED_PULSE_GAIN_VALUES;
	return values[pulseGains[subframe]!] ?? 0;
}
