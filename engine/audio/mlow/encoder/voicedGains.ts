import { NO_GAIN, SUBFRAME_SAMPLES } from '../frameParameters';
import { VOICED_DB_PER_STEP, VOICED_LOWEST_DB, VOICED_PULSE_GAIN_VALUES } from '../gains';
import { NONE } from '../prediction';
import { PITCH_GAIN_ENTRIES, PITCH_GAINS, symbolTables, VOICED_PULSE_GAINS } from '../symbolTables';
import type { PulseSearch } from './pulseSearch';
import type { SubframeTarget } from './subframeTarget';

/** An error weighs 2^(this * bits) times as much when its gains take that many bits. */
const BIT_WEIGHT = 0.015;
const Q14 = 16384;

/** 2^(BIT_WEIGHT * bits) of each symbol of a table or a window of one. */
function costFactors(cdf: ArrayLike<number>, first: number, count: number): Float64Array {
	const total = cdf[first + count]! - cdf[first]!;
	return Float64Array.from({ length: count }, (_, symbol) => {
		const share = (cdf[first + symbol + 1]! - cdf[first + symbol]!) / total;
		return share ** -BIT_WEIGHT;
	});
}

/**
 * Chooses pitch gains, and pitch and pulse gain together, of voiced subframes: the least error, slightly
 * more where it takes more bits (MLow chapter 10, section 9 d and g).
 */
export class VoicedGains {
	/** Index of the pitch gain chosen last, 0 to 15, and its two taps. */
	pitchGain = 0;
	centreTap = 0;
	sideTap = 0;
	/** Index of the pulse gain chosen last, or NO_GAIN. */
	pulseGain = NO_GAIN;

	/** Pitch part of the subframe, and what the weighting makes of it. */
	readonly centre = new Float64Array(SUBFRAME_SAMPLES);
	readonly sides = new Float64Array(SUBFRAME_SAMPLES);
	private readonly weightedCentre = new Float64Array(SUBFRAME_SAMPLES);
	private readonly weightedSides = new Float64Array(SUBFRAME_SAMPLES);

	private readonly centreTaps = new Float64Array(PITCH_GAINS);
	private readonly sideTaps = new Float64Array(PITCH_GAINS);
	/** [17 rows][16] */
	private readonly pitchFactors: Float64Array[];
	/** [previous index], the last one without any. */
	private readonly pulseFactors: Float64Array[];
	private previousPitchGain = NONE;
	private previousPulseGain = NONE;

	private silentError = 0;
	private centreEnergy = 0;
	private sidesEnergy = 0;
	private crossEnergy = 0;
	private centreMatch = 0;
	private sidesMatch = 0;

	constructor() {
		const tables = symbolTables();
		for (let index = 0; index < PITCH_GAINS; index++) {
			this.centreTaps[index] = tables.pitchGainsQ14[2 * index]! / Q14;
			this.sideTaps[index] = tables.pitchGainsQ14[2 * index + 1]! / Q14;
		}
		this.pitchFactors = Array.from({ length: PITCH_GAINS + 1 }, (_, row) =>
			costFactors(tables.pitchGainCdf, row * PITCH_GAIN_ENTRIES, PITCH_GAINS),
		);
		this.pulseFactors = Array.from({ length: VOICED_PULSE_GAINS }, (_, previous) =>
			costFactors(
				tables.voicedPulseGainDeltaCdf,
				VOICED_PULSE_GAINS - 1 - previous,
				VOICED_PULSE_GAINS,
			),
		);
		this.pulseFactors.push(costFactors(tables.voicedPulseGainCdf, 0, VOICED_PULSE_GAINS));
	}

	/** What came before tells nothing about the next gains: a new packet, or no voice before. */
	forget(): void {
		this.previousPitchGain = NONE;
		this.previousPulseGain = NONE;
	}

	/**
	 * Chooses a pitch gain as if there were no pulses. `centre` and `sides` have been filled.
	 *
	 * @param target of the subframe
	 * @param silentError weighted energy of the error when nothing is coded
	 * @param remaining receives what is left for the pulses: 80 correlations
	 */
	choosePitchGain(target: SubframeTarget, silentError: number, remaining: Float64Array): void {
		const { centre, sides, weightedCentre, weightedSides } = this;
		const { wanted } = target;
		target.multiply(centre, weightedCentre);
		target.multiply(sides, weightedSides);
		this.silentError = silentError;
		this.centreEnergy = dot(centre, weightedCentre);
		this.sidesEnergy = dot(sides, weightedSides);
		this.crossEnergy = dot(sides, weightedCentre);
		this.centreMatch = dot(wanted, centre);
		this.sidesMatch = dot(wanted, sides);

		const factors = this.pitchFactors[this.previousPitchGain + 1]!;
		let best = Infinity;
		for (let index = 0; index < PITCH_GAINS; index++) {
			const error = this.pitchError(index) * factors[index]!;
			if (error < best) {
				best = error;
				this.pitchGain = index;
			}
		}
		this.pulseGain = NO_GAIN;
		this.readTaps();
		const { centreTap, sideTap } = this;
		for (let index = 0; index < SUBFRAME_SAMPLES; index++) {
			remaining[index] =
				wanted[index]! - centreTap * weightedCentre[index]! - sideTap * weightedSides[index]!;
		}
	}

	/**
	 * Chooses pitch gain and pulse gain together, when there are pulses; keeps the pitch gain otherwise.
	 *
	 * @param wanted correlation of what is wanted with every sample
	 * @param pulses after the search in `remaining`
	 */
	chooseTogether(wanted: Float64Array, pulses: PulseSearch): void {
		if (pulses.count > 0) this.searchTogether(wanted, pulses);
		this.previousPitchGain = this.pitchGain;
		if (this.pulseGain !== NO_GAIN) this.previousPulseGain = this.pulseGain;
		this.readTaps();
	}

	private searchTogether(wanted: Float64Array, pulses: PulseSearch): void {
		const { weightedCentre, weightedSides, centreTaps, sideTaps } = this;
		let match = 0;
		let centreCross = 0;
		let sidesCross = 0;
		for (let pulse = 0; pulse < pulses.count; pulse++) {
			const position = pulses.positions[pulse]!;
			const sign = pulses.signs[position]!;
			match += sign * wanted[position]!;
			centreCross += sign * weightedCentre[position]!;
			sidesCross += sign * weightedSides[position]!;
		}
		const decibels = 20 * Math.log10(pulses.gain);
		const exact = Math.floor((decibels - VOICED_LOWEST_DB) / VOICED_DB_PER_STEP);
		const lower = Math.min(Math.max(exact, 0), VOICED_PULSE_GAINS - 2);
		const pitchFactors = this.pitchFactors[this.previousPitchGain + 1]!;
		const pulseFactors =
			this.pulseFactors[
				this.previousPulseGain === NONE ? VOICED_PULSE_GAINS : this.previousPulseGain
			]!;
		let best = Infinity;
		for (let pulseIndex = lower; pulseIndex <= lower + 1; pulseIndex++) {
			const gain = VOICED_PULSE_GAIN_VALUES[pulseIndex]!;
			const own = gain * (gain * pulses.energy - 2 * match);
			for (let index = 0; index < PITCH_GAINS; index++) {
				const cross = 2 * gain * (centreTaps[index]! * centreCross + sideTaps[index]! * sidesCross);
				const error =
					(this.pitchError(index) + own + cross) * pitchFactors[index]! * pulseFactors[pulseIndex]!;
				if (error < best) {
					best = error;
					this.pitchGain = index;
					this.pulseGain = pulseIndex;
				}
			}
		}
	}

	/** Weighted error with a pitch gain and without pulses. */
	private pitchError(index: number): number {
		const centreTap = this.centreTaps[index]!;
		const sideTap = this.sideTaps[index]!;
		return (
			this.silentError +
			centreTap * (centreTap * this.centreEnergy - 2 * this.centreMatch) +
			sideTap * (sideTap * this.sidesEnergy - 2 * this.sidesMatch) +
			2 * centreTap * sideTap * this.crossEnergy
		);
	}

	private readTaps(): void {
		this.centreTap = this.centreTaps[this.pitchGain]!;
		this.sideTap = this.sideTaps[this.pitchGain]!;
	}
}

function dot(first: Float64Array, second: Float64Array): number {
	let sum = 0;
	for (let index = 0; index < SUBFRAME_SAMPLES; index++) sum += first[index]! * second[index]!;
	return sum;
}
