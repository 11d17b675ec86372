import type { OggVorbisDecoder } from '@wasm-audio-decoders/ogg-vorbis' with { 'resolution-mode': 'import' };
import type { PcmChunk } from '../types';
import { viewOf } from './byteReading';
import { asUnreadable, unreadable } from './failures';
import { readPacketGroups } from './oggPages';
import { MAX_SAMPLE_RATE_HZ, MIN_SAMPLE_RATE_HZ } from './resample';

/** Packets that are decoded at a time: up to 2,048 samples each. */
const BATCH_PACKETS = 16;
/** The decoder's own buffer. */
const MAX_PACKET_BYTES = 128 * 1024;
const MAX_CHANNELS = 8;
const IDENTIFICATION = 1;
const SETUP = 5;
const IDENTIFICATION_BYTES = 30;

type OggPage = Parameters<OggVorbisDecoder['decodeOggPages']>[0][number];

/** Vorbis I section 4.2.1: packets whose first bit is set are headers. */
function headerType(packet: Uint8Array): number | null {
	const type = packet[0] ?? 0;
	const name = String.fromCharCode(...packet.subarray(1, 7));
	return (type & 1) === 1 && name === 'vorbis' ? type : null;
}

function checkIdentification(packet: Uint8Array): void {
	if (packet.length < IDENTIFICATION_BYTES) throw unreadable('Vorbis', 'its header is too short');
	const channels = packet[11]!;
	const rateHz = viewOf(packet).getUint32(12, true);
	if (channels < 1 || channels > MAX_CHANNELS) {
		throw unreadable('Vorbis', `its header says ${channels} channels, and 1 to 8 are possible`);
	}
	if (rateHz < MIN_SAMPLE_RATE_HZ || rateHz > MAX_SAMPLE_RATE_HZ) {
		throw unreadable('Vorbis', `its header says ${rateHz} samples per second`);
	}
}

/** The part of a parsed page that the decoder reads. Our own Ogg reader is used, as it is bounded. */
function pageOf(content: {
	data?: Uint8Array;
	setup?: Uint8Array;
	packets?: Uint8Array[];
}): OggPage {
	const { data = new Uint8Array(1), setup, packets = [] } = content;
	const page = {
		data,
		codecFrames: packets.map((packet) => ({ data: packet, header: { vorbisSetup: setup } })),
		isLastPage: false,
	};
	return page as unknown as OggPage;
}

/**
 * Vorbis in Ogg, by libvorbis; also several recordings one after another. The end is cut off where the
 * last page says.
 *
 * @throws CallError AUDIO_UNREADABLE
 */
export async function* decodeOggVorbis(bytes: Uint8Array): AsyncGenerator<PcmChunk> {
	const { OggVorbisDecoder } = await import('@wasm-audio-decoders/ogg-vorbis');
	const decoder = new OggVorbisDecoder();
	await decoder.ready;
	let serial: number | null = null;
	let setup: Uint8Array | null = null;
	let first = true;
	let position = 0;
	let decoded = false;
	try {
		for (const group of readPacketGroups(bytes)) {
			const audio: Uint8Array[] = [];
			for (const packet of group.packets) {
				if (packet.length > MAX_PACKET_BYTES) throw unreadable('Vorbis', 'it is damaged');
				const type = headerType(packet);
				if (type === IDENTIFICATION) {
					checkIdentification(packet);
					if (serial !== null) await decoder.reset();
					serial = group.serial;
					setup = null;
					first = true;
					position = 0;
					await decoder.decodeOggPages([pageOf({ data: packet })]);
				} else if (type === SETUP) setup ??= packet;
				else if (type === null && packet.length > 0 && (packet[0]! & 1) === 0) audio.push(packet);
			}
			if (group.serial !== serial || setup === null) continue;
			const { endOfStream, granulePosition } = group;
			const end =
				endOfStream && granulePosition !== null ? granulePosition : Number.POSITIVE_INFINITY;
			for (let index = 0; index < audio.length; index += BATCH_PACKETS) {
				const packets = audio.slice(index, index + BATCH_PACKETS);
				const page = pageOf(first ? { setup, packets } : { packets });
				first = false;
				const { channelData, sampleRate, samplesDecoded } = await decoder.decodeOggPages([page]);
				const kept = Math.max(0, Math.min(samplesDecoded, end - position));
				position += samplesDecoded;
				decoded ||= samplesDecoded > 0;
				if (kept === 0) continue;
				yield {
					sampleRateHz: sampleRate,
					channels: channelData.map((channel) => channel.subarray(0, kept)),
				};
			}
		}
	} catch (error) {
		throw asUnreadable('Vorbis', error);
	} finally {
		decoder.free();
	}
	if (!decoded) throw unreadable('Vorbis', 'there is no sound in it');
}
