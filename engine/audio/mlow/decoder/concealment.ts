import { PACKET_SAMPLES } from '../frameParameters';
import { POST_FILTER_DELAY, SIGNAL_HISTORY } from './harmonicPostFilter';

/** Longest pitch period; noise is repeated after so many samples, which is too slow for a tone. */
const LONGEST_PERIOD = 320;
/** The period is looked for so close to the lag that was decoded last, samples. */
const PERIOD_SEARCH = 4;
const SHORTEST_PERIOD = 32;
/** What is compared to find the period. */
const MATCH_SAMPLES = 80;
/** Samples until nothing is left of a repeated voice (180 ms), and of repeated noise (90 ms). */
const VOICE_FADE_SAMPLES = 2880;
const NOISE_FADE_SAMPLES = 1440;
/** Samples over which the repetition takes over, before the post-filter has put them out. */
const ONSET_SAMPLES = 32;
/** Samples over which decoded sound takes over again. */
const RETURN_SAMPLES = 80;
/** Samples over which a loud period falls to the level of the packet before. */
const LEVEL_SAMPLES = 40;
/** What the fade leaves at most of the energy of a first lost packet. */
const FADED_ENERGY = 0.8;

/**
 * Fills lost packets: the last pitch period is repeated and fades (MLow chapter 11). It works on the
 * signal before the harmonic post-filter, whose delay lets the repetition begin without a step. What is
 * put out is never louder than the packet before.
 */
export class Concealment {
	private readonly period = new Float64Array(LONGEST_PERIOD);
	private length = 0;
	/** Samples that were repeated so far. */
	private position = 0;
	private fadeSamples = VOICE_FADE_SAMPLES;
	/** Level that the repetition glides to, 0 to 1. */
	private level = 1;
	private lost = false;

	reset(): void {
		this.lost = false;
		this.length = 0;
	}

	/**
	 * Fills a lost packet.
	 *
	 * @param signal SIGNAL_HISTORY samples of the past, whose last ones change, then 960 to be filled
	 * @param lag at the end of the packet before, samples; 0 when unvoiced
	 * @param energyBefore sum of squares of the packet before
	 */
	fill(signal: Float64Array, lag: number, energyBefore: number): void {
		if (!this.lost) this.begin(signal, lag, energyBefore);
		for (let n = 0; n < PACKET_SAMPLES; n++) signal[SIGNAL_HISTORY + n] = this.next();
	}

	/** Fills a packet with silence. */
	silence(signal: Float64Array): void {
		signal.fill(0);
		this.lost = true;
		this.length = 0;
	}

	/**
	 * Leads back into what was decoded, at the first packet after lost ones.
	 *
	 * @param signal its 960 samples from SIGNAL_HISTORY on begin with a cross-fade
	 */
	resume(signal: Float64Array): void {
		if (!this.lost) return;
		for (let n = 0; n < RETURN_SAMPLES; n++) {
			const weight = (n + 1) / (RETURN_SAMPLES + 1);
			const index = SIGNAL_HISTORY + n;
			signal[index] = weight * signal[index]! + (1 - weight) * this.next();
		}
		this.lost = false;
	}

	private begin(signal: Float64Array, lag: number, energyBefore: number): void {
		const budget = energyBudget(signal, energyBefore);
		this.lost = true;
		this.fadeSamples = lag > 0 ? VOICE_FADE_SAMPLES : NOISE_FADE_SAMPLES;
		this.length = lag > 0 ? findPeriod(signal, Math.round(lag)) : LONGEST_PERIOD;
		this.position = 0;
		this.overlap(signal);
		for (let n = 0; n < this.length; n++) {
			this.period[n] = signal[SIGNAL_HISTORY - this.length + n]!;
		}
		this.level = this.chooseLevel(budget);
	}

	/** The level at which the repetition of a packet keeps within an energy. */
	private chooseLevel(budget: number): number {
		const { length, period } = this;
		let onset = 0;
		let whole = 0;
		for (let n = 0; n < length; n++) {
			const power = period[n]! * period[n]!;
			whole += power;
			if (n < LEVEL_SAMPLES) onset += power;
		}
		const rest = ((whole * PACKET_SAMPLES) / length) * FADED_ENERGY + 1e-30;
		return Math.min(1, Math.sqrt(Math.max(budget - onset, 0) / rest));
	}

	/** Turns the last samples, which nobody has heard yet, into those a period ago. */
	private overlap(signal: Float64Array): void {
		for (let n = 0; n < ONSET_SAMPLES; n++) {
			const weight = (n + 1) / (ONSET_SAMPLES + 1);
			const index = SIGNAL_HISTORY - ONSET_SAMPLES + n;
			signal[index] = (1 - weight) * signal[index]! + weight * signal[index - this.length]!;
		}
	}

	private next(): number {
		const { fadeSamples, length, level, position } = this;
		if (length === 0 || position >= fadeSamples) return 0;
		this.position++;
		const glide = Math.min(position / LEVEL_SAMPLES, 1);
		const gain = (1 - position / fadeSamples) * (1 + glide * (level - 1));
		return gain * this.period[position % length]!;
	}
}

/**
 * How much energy a lost packet may have. What the post-filter still holds back of the packet before was
 * not in its output yet and will be in the lost one's.
 */
function energyBudget(signal: Float64Array, energyBefore: number): number {
	let held = 0;
	for (let n = SIGNAL_HISTORY - POST_FILTER_DELAY; n < SIGNAL_HISTORY; n++) {
		held += signal[n]! * signal[n]!;
	}
	return Math.max(energyBefore - 2 * held, 0);
}

/** @returns the period near a lag at which the end of the past repeats itself best, samples */
function findPeriod(signal: Float64Array, lag: number): number {
	const shortest = Math.max(lag - PERIOD_SEARCH, SHORTEST_PERIOD);
	const longest = Math.min(lag + PERIOD_SEARCH, LONGEST_PERIOD);
	let best = Math.min(lag, longest);
	let bestMatch = 0;
	for (let period = shortest; period <= longest; period++) {
		let product = 0;
		let energy = 1e-12;
		for (let n = SIGNAL_HISTORY - MATCH_SAMPLES; n < SIGNAL_HISTORY; n++) {
			const before = signal[n - period]!;
			product += signal[n]! * before;
			energy += before * before;
		}
		const match = product / Math.sqrt(energy);
		if (match > bestMatch) {
			bestMatch = match;
			best = period;
		}
	}
	return best;
}
