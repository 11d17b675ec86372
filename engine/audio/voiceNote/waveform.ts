/** WhatsApp's waveform: so many bars, each 0 to 100. */
const BARS = 64;
const HIGHEST_BAR = 100;
/** Blocks kept at most: at least 64 of them make up a bar, however long the recording is. */
const MAX_BLOCKS = 8192;

/**
 * The bars that WhatsApp draws for a voice note, from sound in pieces.
 *
 * Bar i of 64 covers the i-th 64th of the recording. With rms(i) the root of the mean square of
 * its samples, the bar is round(100 x rms(i) / highest rms); all bars of silence are 0.
 *
 * No sound is stored: only the energy of up to 8192 equally long blocks, at first of one sample
 * each; whenever they are full, neighbours are merged. A block across the border of two bars counts
 * for both by its share, which makes bars exact up to 8192 samples and moves borders by under 1 %
 * of a bar beyond.
 */
export class WaveformMeter {
	private readonly energies = new Float64Array(MAX_BLOCKS);
	private blockSamples = 1;
	private fullBlocks = 0;
	private samplesInBlock = 0;
	private samples = 0;

	/** @param pcm mono, any number of samples */
	add(pcm: Int16Array): void {
		for (const sample of pcm) {
			this.energies[this.fullBlocks] = (this.energies[this.fullBlocks] ?? 0) + sample * sample;
			this.samplesInBlock++;
			if (this.samplesInBlock === this.blockSamples) {
				this.samplesInBlock = 0;
				this.fullBlocks++;
				if (this.fullBlocks === MAX_BLOCKS) {
					this.mergeBlocks();
				}
			}
		}
		this.samples += pcm.length;
	}

	/** @returns 64 bytes, 0 to 100, for what was added so far */
	bars(): Uint8Array {
		const barSamples = this.samples / BARS;
		const energies = new Float64Array(BARS);
		const blocks = this.fullBlocks + (this.samplesInBlock > 0 ? 1 : 0);
		for (let block = 0; block < blocks; block++) {
			const start = block * this.blockSamples;
			const end = Math.min(start + this.blockSamples, this.samples);
			const density = (this.energies[block] ?? 0) / (end - start);
			for (
				let bar = Math.min(BARS - 1, Math.floor(start / barSamples));
				bar < BARS && bar * barSamples < end;
				bar++
			) {
				const shared = Math.min(end, (bar + 1) * barSamples) - Math.max(start, bar * barSamples);
				energies[bar] = (energies[bar] ?? 0) + density * Math.max(0, shared);
			}
		}
		const highest = energies.reduce((a, b) => Math.max(a, b), 0);
		return Uint8Array.from(energies, (energy) =>
			highest === 0 ? 0 : Math.round(HIGHEST_BAR * Math.sqrt(energy / highest)),
		);
	}

	private mergeBlocks(): void {
		const half = MAX_BLOCKS / 2;
		for (let block = 0; block < half; block++) {
			this.energies[block] = (this.energies[2 * block] ?? 0) + (this.energies[2 * block + 1] ?? 0);
		}
		this.energies.fill(0, half);
		this.fullBlocks = half;
		this.blockSamples *= 2;
	}
}
