import type { OpusDecoder } from '../codec/opusHandles';
import type { OpusLibrary } from '../codec/opusLibrary';
import { SAMPLE_RATE_HZ } from '../types';
import type { OpusStreamHead } from './opusHead';
import { splitMultistream } from './opusMultistream';

/** Opus counts at this rate, whatever is decoded. */
export const OPUS_RATE_HZ = 48_000;
const RATE_RATIO = OPUS_RATE_HZ / SAMPLE_RATE_HZ;
/** What a packet holds that says nothing else: 20 ms. */
const USUAL_PACKET_SAMPLES = SAMPLE_RATE_HZ / 50;

/**
 * Decodes the packets of one stream straight to 16 kHz, which libopus does itself. A damaged packet
 * becomes silence as long as the one before it.
 */
export class OpusTrack {
	private readonly decoders: OpusDecoder[] = [];
	private readonly preSkip: number;
	private position = 0;
	private packetSamples = USUAL_PACKET_SAMPLES;
	/** Whether any packet was intact. */
	decoded = false;

	constructor(
		library: OpusLibrary,
		private readonly head: OpusStreamHead,
	) {
		this.preSkip = Math.round(head.preSkip / RATE_RATIO);
		// One stream alone is mixed down by the decoder.
		const channelsOf = (index: number) =>
			head.streamCount > 1 && index < head.coupledCount ? 2 : 1;
		try {
			for (let index = 0; index < head.streamCount; index++) {
				this.decoders.push(library.createDecoder(SAMPLE_RATE_HZ, channelsOf(index)));
			}
		} catch (error) {
			this.close();
			throw error;
		}
	}

	/**
	 * @param end of the stream, in samples at 48 kHz from its start (before the pre-skip)
	 * @returns one array for each channel, empty within the pre-skip and behind the end
	 */
	decode(packet: Uint8Array, end = Number.POSITIVE_INFINITY): Float32Array[] {
		let channels: Float32Array[];
		try {
			channels = this.decodeChannels(packet);
			this.decoded = true;
		} catch {
			channels = [new Float32Array(this.packetSamples)];
		}
		const count = channels[0]?.length ?? 0;
		this.packetSamples = count;
		const first = Math.min(count, Math.max(0, this.preSkip - this.position));
		const last = Math.max(first, Math.min(count, Math.round(end / RATE_RATIO) - this.position));
		this.position += count;
		const { gain } = this.head;
		return channels.map((channel) => {
			const kept = channel.subarray(first, last);
			return gain === 1 ? kept : kept.map((sample) => sample * gain);
		});
	}

	private decodeChannels(packet: Uint8Array): Float32Array[] {
		const { streamCount, coupledCount, mapping } = this.head;
		if (streamCount === 1) return [this.decoders[0]!.decodeFloat(packet)];
		const decoded: Float32Array[] = [];
		for (const [index, part] of splitMultistream(packet, streamCount).entries()) {
			const samples = this.decoders[index]!.decodeFloat(part);
			if (index >= coupledCount) decoded.push(samples);
			else {
				decoded.push(
					samples.filter((_, n) => n % 2 === 0),
					samples.filter((_, n) => n % 2 === 1),
				);
			}
		}
		const count = Math.min(...decoded.map((channel) => channel.length));
		const silence = new Float32Array(count);
		return mapping.map((channel) => decoded[channel]?.subarray(0, count) ?? silence);
	}

	close(): void {
		for (const decoder of this.decoders) decoder.close();
	}
}
