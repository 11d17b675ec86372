import { readOpus } from '../media/opusPacket';
import { readOgg } from './ogg';

const GRANULES_PER_SECOND = 48_000;
/** TOC of wideband SILK in 20 ms frames, mono, code 3: what iPhones play (page 09). */
const VOICE_NOTE_TOC = 0x4b;
const CODE_3 = 3;
const FRAMES_PER_PACKET = 3;
const PACKET_MS = 60;
const INPUT_RATE_HZ = 16_000;

/** Plays a voice note as an iPhone does. Throws, with the reason, what it would call unavailable. */
export function play(file: Buffer): { seconds: number; packets: number } {
	const { packets, endGranule } = readOgg(file);
	const [head, tags, ...audio] = packets;
	const preSkip = readHead(head);
	if (tags?.toString('latin1', 0, 8) !== 'OpusTags') throw new Error('OpusTags are missing');
	if (audio.length === 0) throw new Error('there is no sound in it');
	for (const [index, packet] of audio.entries()) {
		const frames = readOpus(packet)?.frames.length ?? 0;
		// A recording may end within a packet: the last one may hold fewer, packed in any way.
		const isRest = index === audio.length - 1 && frames > 0 && frames < FRAMES_PER_PACKET;
		const toc = isRest ? (packet[0] ?? 0) | CODE_3 : packet[0];
		if (toc !== VOICE_NOTE_TOC || (frames !== FRAMES_PER_PACKET && !isRest)) {
			throw new Error(
				`packet ${index} is not three frames of 20 ms in code 3 (TOC ${packet.toString('hex', 0, 1)})`,
			);
		}
	}
	const granules = Number(endGranule) - preSkip;
	const most = (audio.length * PACKET_MS * GRANULES_PER_SECOND) / 1000;
	if (granules <= 0 || Number(endGranule) > most) {
		throw new Error(`the end, at ${endGranule}, does not fit ${audio.length} packets`);
	}
	return { seconds: granules / GRANULES_PER_SECOND, packets: audio.length };
}

/** @returns its pre-skip (RFC 7845, section 5.1) */
function readHead(head: Buffer | undefined): number {
	if (head?.length !== 19 || head.toString('latin1', 0, 8) !== 'OpusHead') {
		throw new Error('OpusHead is missing');
	}
	const facts = {
		version: head.readUInt8(8),
		channels: head.readUInt8(9),
		rate: head.readUInt32LE(12),
		gain: head.readInt16LE(16),
		mapping: head.readUInt8(18),
	};
	const wanted = { version: 1, channels: 1, rate: INPUT_RATE_HZ, gain: 0, mapping: 0 };
	if (JSON.stringify(facts) !== JSON.stringify(wanted)) {
		throw new Error(`OpusHead says ${JSON.stringify(facts)}`);
	}
	return head.readUInt16LE(10);
}
