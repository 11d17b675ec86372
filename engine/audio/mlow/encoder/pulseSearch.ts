import { SUBFRAME_SAMPLES } from '../frameParameters';
import { MAX_SUBFRAME_PULSES } from '../pulseTables';
import { RESPONSE_SAMPLES } from './subframeTarget';

const ENERGY_FLOOR = 1e-16;

/**
 * Places unit pulses one after the other where each takes away most of the error (MLow chapter 10,
 * section 9 f). The results stay in the object until the next search.
 */
export class PulseSearch {
	/** How many of the pulses are kept. */
	count = 0;
	/** Positions of the pulses, 0 to 79, in the order in which they were found; may repeat. */
	readonly positions = new Uint8Array(MAX_SUBFRAME_PULSES);
	/** Sign of a pulse at each of the 80 samples: 1 or -1. */
	readonly signs = new Int8Array(SUBFRAME_SAMPLES);
	/** Best gain of the kept pulses together; 0 without any. */
	gain = 0;
	/** Weighted energy of the kept pulses at gain 1, and what they have in common with the target. */
	energy = 0;
	match = 0;

	private readonly magnitudes = new Float64Array(SUBFRAME_SAMPLES);
	private readonly numerators = new Float64Array(SUBFRAME_SAMPLES);
	private readonly energies = new Float64Array(SUBFRAME_SAMPLES);
	/** Autocorrelation at lags -79 to 79, zeros beyond 31. */
	private readonly spread = new Float64Array(2 * SUBFRAME_SAMPLES - 1);

	/**
	 * @param target correlation of what is wanted with each of the 80 samples
	 * @param autocorrelation of the weighted synthesis filter, lags 0 to 31
	 * @param maxPulses at most 40
	 * @param worth error that a pulse must take away to be kept
	 */
	search(
		target: Float64Array,
		autocorrelation: Float64Array,
		maxPulses: number,
		worth: number,
	): void {
		const { magnitudes, numerators, energies, signs, positions, spread } = this;
		for (let lag = 0; lag < RESPONSE_SAMPLES; lag++) {
			spread[SUBFRAME_SAMPLES - 1 + lag] = autocorrelation[lag]!;
			spread[SUBFRAME_SAMPLES - 1 - lag] = autocorrelation[lag]!;
		}
		const own = autocorrelation[0]!;
		for (let index = 0; index < SUBFRAME_SAMPLES; index++) {
			const value = target[index]!;
			signs[index] = value < 0 ? -1 : 1;
			magnitudes[index] = Math.abs(value);
			numerators[index] = magnitudes[index]!;
			energies[index] = own + ENERGY_FLOOR;
		}
		this.count = 0;
		this.gain = 0;
		this.energy = 0;
		this.match = 0;
		let threshold = 0;
		for (let pulse = 0; pulse < maxPulses; pulse++) {
			let best = 0;
			let bestGain = -1;
			for (let index = 0; index < SUBFRAME_SAMPLES; index++) {
				const numerator = numerators[index]!;
				const reduction = (numerator * numerator) / energies[index]!;
				if (reduction > bestGain) {
					bestGain = reduction;
					best = index;
				}
			}
			positions[pulse] = best;
			threshold += worth;
			if (bestGain > threshold) {
				threshold = bestGain;
				this.count = pulse + 1;
				this.match = numerators[best]!;
				this.energy = energies[best]!;
				this.gain = this.match / this.energy;
			}
			this.place(pulse, own);
		}
	}

	/** Counts the pulse just found into what every further one would give. */
	private place(pulse: number, own: number): void {
		const { magnitudes, numerators, energies, signs, positions, spread } = this;
		const position = positions[pulse]!;
		const sign = signs[position]!;
		const magnitude = magnitudes[position]!;
		let increase = own;
		const row = SUBFRAME_SAMPLES - 1 - position;
		for (let earlier = 0; earlier < pulse; earlier++) {
			const other = positions[earlier]!;
			increase += 2 * sign * signs[other]! * spread[row + other]!;
		}
		for (let index = 0; index < SUBFRAME_SAMPLES; index++) {
			numerators[index]! += magnitude;
			energies[index]! += increase + 2 * sign * signs[index]! * spread[row + index]!;
		}
	}
}
