import { MlowDecoder } from '../../../../../engine/audio/mlow';

const PACKET_SAMPLES = 960;

/** Decodes packets one after the other; null stands for a lost one. */
export function decodePackets(
	packets: ReadonlyArray<Uint8Array | null>,
	decoder = new MlowDecoder(),
): Float32Array {
	const samples = new Float32Array(packets.length * PACKET_SAMPLES);
	packets.forEach((packet, index) => {
		const decoded = packet === null ? decoder.conceal() : decoder.decode(packet);
		samples.set(decoded, index * PACKET_SAMPLES);
	});
	return samples;
}
