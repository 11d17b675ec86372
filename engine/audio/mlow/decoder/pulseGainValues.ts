import { UNVOICED_PULSE_GAINS, VOICED_PULSE_GAINS } from '../symbolTables';

const VOICED_DB_PER_STEP = 3;
const VOICED_LOWEST_DB = -100;
const UNVOICED_LOWEST_DB = -90;

/** What a unit pulse is multiplied by, for each index of voiced frames (MLow chapter 05). */
export const VOICED_PULSE_GAIN_VALUES = Float64Array.from(
	{ length: VOICED_PULSE_GAINS },
	(_, index) => 10 ** ((VOICED_DB_PER_STEP * index + VOICED_LOWEST_DB) / 20),
);

/** What a unit pulse is multiplied by, for each index of unvoiced frames (MLow chapter 05). */
export const UNVOICED_PULSE_GAIN_VALUES = Float64Array.from(
	{ length: UNVOICED_PULSE_GAINS },
	(_, index) => 10 ** ((index + UNVOICED_LOWEST_DB) / 20),
);
