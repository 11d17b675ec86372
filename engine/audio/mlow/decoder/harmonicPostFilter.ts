import { LAG_BLOCK_SAMPLES } from '../adaptiveCodebook';
import { INTERNAL_FRAMES, LAG_BLOCKS, PACKET_SAMPLES } from '../frameParameters';

/** Samples before the packet that the filter may read. */
export const SIGNAL_HISTORY = 400;
/** By how much the output lags behind the signal, samples. */
export const POST_FILTER_DELAY = 48;
/** Lag blocks of a packet. */
export const PACKET_BLOCKS = INTERNAL_FRAMES * LAG_BLOCKS;

const TAPS = 17;
const HALF_TAPS = 8;
const SMALLEST_LAG = 32;
const LARGEST_LAG = 320;
/** Index of a lag's taps in the table: the buckets are numbered from this one down. */
const BUCKETS = 25;

/**
 * Strengthens the harmonics of voiced blocks with the signal a lag before and after (MLow chapter 08,
 * "Harmonic post-filter").
 */
export class HarmonicPostFilter {
	private readonly table = allTaps();
	private readonly taps = new Float64Array(TAPS);
	/** 16 samples of the block before, then those of the block. */
	private readonly difference = new Float64Array(TAPS - 1 + LAG_BLOCK_SAMPLES);
	private readonly neighbours = new Float64Array(LAG_BLOCK_SAMPLES);
	/** Rounded lag of the last block of the packet before, 0 when unvoiced. */
	private lastLag = 0;
	private filtered = false;

	reset(): void {
		this.difference.fill(0);
		this.lastLag = 0;
		this.filtered = false;
	}

	/**
	 * @param signal SIGNAL_HISTORY samples of the past, then the 960 of the packet
	 * @param lags of the 24 blocks of the packet in samples, 0 when unvoiced
	 * @param bitrate mean of the internal frames' `normalisedBitrate`
	 * @param out receives 960 samples, POST_FILTER_DELAY late, not clipped
	 */
	process(signal: Float64Array, lags: Float64Array, bitrate: number, out: Float32Array): void {
		for (let block = 0; block < PACKET_BLOCKS; block++) {
			const lag = block === 0 ? this.lastLag : Math.round(lags[block - 1]!);
			this.processBlock(signal, block, lag, bitrate, out);
		}
		this.lastLag = Math.round(lags[PACKET_BLOCKS - 1]!);
	}

	private processBlock(
		signal: Float64Array,
		block: number,
		lag: number,
		bitrate: number,
		out: Float32Array,
	): void {
		const { difference, taps } = this;
		const target = LAG_BLOCK_SAMPLES * block;
		const start = SIGNAL_HISTORY + target - LAG_BLOCK_SAMPLES;
		const strength = lag > 0 ? this.strength(signal, start, lag) : 0;
		if (strength > 0) {
			this.chooseTaps(lag, bitrate);
			this.setDifference(signal, start, strength);
		} else difference.fill(0, TAPS - 1);

		// After a filtered block its filter rings on for the length of the taps.
		const active = strength > 0 ? LAG_BLOCK_SAMPLES : this.filtered ? TAPS - 1 : 0;
		for (let i = 0; i < LAG_BLOCK_SAMPLES; i++) {
			let sample = signal[start + i - HALF_TAPS]!;
			if (i < active) {
				const newest = TAPS - 1 + i;
				// Symmetric taps: the outer pairs first, the centre last.
				for (let j = 0; j < HALF_TAPS; j++) {
					sample += taps[j]! * (difference[newest - j]! + difference[newest - TAPS + 1 + j]!);
				}
				sample += taps[HALF_TAPS]! * difference[newest - HALF_TAPS]!;
			}
			out[target + i] = sample;
		}
		difference.copyWithin(0, LAG_BLOCK_SAMPLES);
		this.filtered = strength > 0;
	}

	/** Sets `neighbours`; returns how strong the filter shall be, 0 where it would not help. */
	private strength(signal: Float64Array, start: number, lag: number): number {
		const { neighbours } = this;
		const end = SIGNAL_HISTORY + PACKET_SAMPLES;
		let product = 0;
		let signalEnergy = 0;
		let neighbourEnergy = 0;
		for (let i = 0; i < LAG_BLOCK_SAMPLES; i++) {
			const position = start + i;
			const sample = signal[position]!;
			const later = position + lag < end ? signal[position + lag]! : sample;
			const sum = signal[position - lag]! + later;
			neighbours[i] = sum;
			product += sample * sum;
			signalEnergy += sample * sample;
			neighbourEnergy += sum * sum;
		}
		if (!(product > 0)) return 0;
		const fit = (0.5 * product) / Math.max(neighbourEnergy / 4, signalEnergy);
		return fit * 0.6438 * (1 - (0.0579 * (lag - 32)) / 288);
	}

	private setDifference(signal: Float64Array, start: number, strength: number): void {
		const { difference, neighbours } = this;
		for (let i = 0; i < LAG_BLOCK_SAMPLES; i++) {
			difference[TAPS - 1 + i] = strength * (0.5 * neighbours[i]! - signal[start + i]!);
		}
	}

	private chooseTaps(lag: number, bitrate: number): void {
		const { table, taps } = this;
		const row = bucket(lag) * TAPS;
		const scale = 1 - 0.4734 * bitrate;
		for (let j = 0; j < TAPS; j++) taps[j] = table[row + j]! * scale;
	}
}

/** Lags of one bucket share their taps: 24 for the shortest, 0 for the longest. */
function bucket(lag: number): number {
	return Math.floor(2500 / Math.max(lag + 30, 80)) - 7;
}

/** [25 buckets][17]: low-passes that let the lower harmonics through. */
function allTaps(): Float64Array {
	const table = new Float64Array(BUCKETS * TAPS);
	for (let lag = LARGEST_LAG; lag >= SMALLEST_LAG; lag--) {
		// The smallest lag of a bucket comes last and stays.
		table.set(lowPass(lag), bucket(lag) * TAPS);
	}
	return table;
}

function lowPass(lag: number): Float64Array {
	const cutoff = Math.min((6.3 * 2 * Math.PI) / lag, Math.PI / 4);
	const taps = Float64Array.from({ length: TAPS }, (_, j) => {
		const distance = Math.abs(j - HALF_TAPS);
		if (distance === 0) return cutoff;
		return (Math.sin(distance * cutoff) * Math.cos((distance * Math.PI) / 18)) / distance;
	});
	const sum = taps.reduce((total, tap) => total + tap, 0);
	return taps.map((tap) => tap / sum);
}
