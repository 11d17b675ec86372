import { SAMPLE_RATE_HZ, type PcmChunk } from '../types';

/** A quarter of a second. */
const CHUNK_SAMPLES = SAMPLE_RATE_HZ / 4;

/** Joins pieces of a few milliseconds, at 16 kHz, to chunks of at least a quarter of a second. */
export class ChunkJoiner {
	private pieces: Float32Array[][] = [];
	private samples = 0;

	/** @returns the chunk that is complete now, or null */
	add(channels: Float32Array[]): PcmChunk | null {
		const before = this.pieces[0];
		const other = before !== undefined && before.length !== channels.length;
		const complete = other ? this.take() : null;
		if (channels[0] !== undefined && channels[0].length > 0) {
			this.pieces.push(channels);
			this.samples += channels[0].length;
		}
		return complete ?? (this.samples >= CHUNK_SAMPLES ? this.take() : null);
	}

	/** @returns what is left, or null */
	take(): PcmChunk | null {
		const { pieces, samples } = this;
		const first = pieces[0];
		if (first === undefined) return null;
		this.pieces = [];
		this.samples = 0;
		const channels = first.map((_, index) => {
			const joined = new Float32Array(samples);
			let offset = 0;
			for (const piece of pieces) {
				joined.set(piece[index]!, offset);
				offset += piece[index]!.length;
			}
			return joined;
		});
		return { sampleRateHz: SAMPLE_RATE_HZ, channels };
	}
}
