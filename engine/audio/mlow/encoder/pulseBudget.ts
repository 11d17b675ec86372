import { SUBFRAMES } from '../frameParameters';
import { MAX_SUBFRAME_PULSES } from '../pulseTables';

/** Pulses of 20 ms that a bit rate (kbit/s) affords: a fitted polynomial and an exponential. */
const TARGET_POLYNOMIAL = [
	-122.04861900525415, 31.62096398905459, -2.613237037423586, 0.10050433143234094,
	-0.0013233009240188039,
];
const TARGET_EXPONENTIAL = {
	factor: 2.14859438836692e-7,
	centre: 1.9077791307787761,
	slope: 0.7059420500333776,
};
/** How far a subframe may go above its share. */
const HEADROOM = 1.5;
const MAX_BACKGROUND_SUBFRAME_PULSES = MAX_SUBFRAME_PULSES / 2;
const REFERENCE_PULSES = 16;
const SCALE = 26;
/** Energies are those of whole numbers of 16 bits. */
const FULL_SCALE = 32768;
const SMOOTHING = 0.6;
const UNVOICED_FACTOR = 1.05 * 0.8;
const ONSET_FACTOR = 1.1;

function targetPulses(bitsPerSecond: number): number {
	const rate = bitsPerSecond / 1000;
	const { factor, centre, slope } = TARGET_EXPONENTIAL;
	const polynomial = TARGET_POLYNOMIAL.reduceRight((value, term) => value * rate + term, 0);
	return Math.max(polynomial + factor * Math.exp((rate - centre) * slope), 1);
}

/** How many pulses a subframe may have, and how much its error matters (MLow chapter 10, section 8). */
export class PulseBudget {
	/** Of each subframe of the internal frame: the larger, the more pulses are worth their bits. */
	readonly importance = new Float64Array(SUBFRAMES);

	private readonly target: number;
	private readonly scale: number;
	private smoothedEnergy = 0;
	private previousVoiced = false;

	/** @param bitsPerSecond aimed at in speech, 5,000 to 30,000 */
	constructor(bitsPerSecond: number) {
		this.target = targetPulses(bitsPerSecond);
		const ratio = this.target / REFERENCE_PULSES;
		this.scale = SCALE * ratio * (1 + 0.4 * Math.log(ratio) ** 2);
	}

	reset(): void {
		this.smoothedEnergy = 0;
		this.previousVoiced = false;
	}

	/**
	 * @param activity probability of speech, 0 to 1
	 * @param codedAsActive whether the packet counts as speech
	 * @returns the most unit pulses of a subframe
	 */
	maxPulses(activity: number, codedAsActive: boolean): number {
		const share = 1 + Math.round((this.target * HEADROOM) / SUBFRAMES);
		return Math.min(
			Math.round(share * (0.5 + 0.5 * Math.sqrt(activity))),
			codedAsActive ? MAX_SUBFRAME_PULSES : MAX_BACKGROUND_SUBFRAME_PULSES,
		);
	}

	/**
	 * Fills `importance`.
	 *
	 * @param energies of the residual of each subframe, sums of squares
	 * @param strength of the voice
	 */
	weigh(energies: Float64Array, voiced: boolean, strength: number, activity: number): void {
		const strengthFactor = 0.9 + 0.3 / (1 + 25 * strength * strength);
		const activityFactor = Math.sqrt(activity);
		for (let subframe = 0; subframe < SUBFRAMES; subframe++) {
			const own = energies[subframe]! * FULL_SCALE * FULL_SCALE;
			const next = energies[Math.min(subframe + 1, SUBFRAMES - 1)]! * FULL_SCALE * FULL_SCALE;
			this.smoothedEnergy += SMOOTHING * (own - this.smoothedEnergy);
			let weight = (own + 0.01 * next) / (this.smoothedEnergy + 0.02 * next + 1e-12);
			if (!voiced) weight *= UNVOICED_FACTOR;
			if (voiced !== this.previousVoiced) weight *= ONSET_FACTOR;
			this.previousVoiced = voiced;
			this.importance[subframe] = weight * strengthFactor * activityFactor * this.scale;
		}
	}
}
