import { loadOpusLibrary } from '../../../../engine/audio/codec/opusLibrary';
import { splitPacket, type OpusPacket } from '../../../../engine/audio/codec/opusPacket';
import { concealment, silence, type Piece } from '../../../../engine/media/recording/fill';
import { concat, noise } from '../../audio/codec/support/speech';
import { encodeFrames } from './support';

const hex = ({ packet }: Piece) => Buffer.from(packet).toString('hex');

function parsed(...bytes: number[]): OpusPacket {
	const packet = splitPacket(Uint8Array.from(bytes));
	if (packet === undefined) {
		throw new Error('not an Opus packet');
	}
	return packet;
}

const SILK_60 = parsed(0x58, 1, 2, 3);
const SILK_20 = parsed(0x48, 1, 2, 3);
const CELT_3_X_20 = parsed(0xbb, 3, 1, 2, 3);
const CELT_2_5 = parsed(0xa0, 1, 2, 3);

function checkLengths(pieces: readonly Piece[]): void {
	for (const { packet, samples } of pieces) {
		expect((splitPacket(packet)?.durationMs ?? 0) * 16).toBe(samples);
	}
}

test.each<[string, OpusPacket, number, string[]]>([
	['60 ms of SILK', SILK_60, 960, ['5b01']],
	['less than a frame', SILK_60, 959, []],
	['three packets at most', SILK_60, 9600, ['5b01', '5b01', '5b01']],
	['60 ms by 20 ms packets', SILK_20, 960, ['4b01', '4b01', '4b01']],
	['a packet of several frames', CELT_3_X_20, 960, ['bb03']],
	['a part of such a packet', CELT_3_X_20, 1600, ['bb03', 'bb02']],
])('concealment: %s', (_, before, samples, expected) => {
	const pieces = [...concealment(before, samples)];
	expect(pieces.map(hex)).toEqual(expected);
	checkLengths(pieces);
});

test.each<[string, OpusPacket | undefined, number, number]>([
	['at the start', undefined, 960 * 3 + 640, 0],
	['SILK, with a rest', SILK_60, 960 + 320 + 160 + 159, 159],
	['CELT', CELT_3_X_20, 960 + 320 + 160 + 80 + 40 + 39, 39],
	['CELT of 2.5 ms', CELT_2_5, 40, 0],
	['nothing', SILK_60, 0, 0],
	['less than nothing', SILK_60, -960, -960],
])('silence: %s is as long as it should be', (_, before, samples, rest) => {
	const pieces = [...silence(before?.toc, samples)];
	checkLengths(pieces);
	expect(pieces.reduce((sum, piece) => sum + piece.samples, 0)).toBe(samples - rest);
	for (const { packet, samples: length } of pieces) {
		expect(length).toBeLessThanOrEqual(960);
		expect(splitPacket(packet)?.toc.mode).toBe(before?.toc.mode ?? 'silk');
		expect(splitPacket(packet)?.toc.bandwidth).toBe(before?.toc.bandwidth ?? 'wideband');
	}
});

test('a decoder is silent for it at once, whatever came before', async () => {
	const library = await loadOpusLibrary();
	const loud = encodeFrames(library, noise(9600, 30_000), 960);
	const decoder = library.createDecoder(16_000, 1);
	for (const before of [SILK_60, CELT_3_X_20]) {
		loud.forEach((packet) => decoder.decode(packet));
		const pieces = [...silence(before.toc, 16_000)];
		const pcm = concat(pieces.map(({ packet }) => decoder.decode(packet)));
		expect(pcm).toHaveLength(16_000);
		expect(Math.max(...pcm.subarray(960).map(Math.abs))).toBeLessThanOrEqual(4);
	}
	decoder.close();
});
