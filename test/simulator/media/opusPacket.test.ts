import {
	fromEscape,
	isNativeSilence,
	readOpus,
	toEscape,
} from '../../../simulator/media/opusPacket';
import { readWav, writeWav } from '../../../simulator/media/wav';
import { hex } from './support/vectors';

describe('Opus packets', () => {
	it.each([
		['58', 60, 1],
		['58aabb', 60, 1],
		['bb0300', 0, 0],
		['bb03aabbcc', 60, 3],
		['bb830101aabbcc', 60, 3],
		['bb4302aabbcc0000', 60, 3],
		['ba01aabb', 40, 2],
		['b9aabb', 40, 2],
		['b9aa', 0, 0],
		['bb', 0, 0],
		['bb30', 0, 0],
	])('%s has %d ms in %d frames', (packet, milliseconds, frames) => {
		const read = readOpus(hex(packet));
		expect(read?.milliseconds ?? 0).toBe(milliseconds);
		expect(read?.frames.length ?? 0).toBe(frames);
	});

	it('are dressed up for MLow and back', () => {
		expect(toEscape(hex('bb03aabbcc')).toString('hex')).toBe('dd03aabbcc');
		expect(fromEscape(hex('dd03aabbcc'))?.toString('hex')).toBe('bb03aabbcc');
		expect(toEscape(hex('b9aabb')).toString('hex')).toBe('dd02aabb');
		expect(toEscape(hex('ba01aabb')).toString('hex')).toBe('dd8201aabb');
		expect(toEscape(hex('b8aabbcc')).toString('hex')).toBe('dcaabbcc');
		expect(toEscape(hex('bb03fffefffefffe')).toString('hex')).toBe('90');
		expect(() => toEscape(hex('58aabbcc'))).toThrow('CELT');
		expect(fromEscape(hex('58aabb'))).toBeUndefined();
	});

	it('are silent by their first byte and their length', () => {
		expect(
			['58', '5800', '0800112233', '300011223344'].map((one) => isNativeSilence(hex(one))),
		).toEqual([true, true, true, true]);
		expect(isNativeSilence(hex('58001122'))).toBe(false);
	});
});

describe('WAV files', () => {
	it('are written and read', () => {
		const pcm = Int16Array.from([0, 1, -1, 32_767, -32_768]);
		expect(readWav(writeWav(pcm))).toEqual(pcm);
		const stereo = writeWav(pcm);
		stereo.writeUInt16LE(2, 22);
		expect(() => readWav(stereo)).toThrow('16 kHz mono');
		expect(() => readWav(Buffer.alloc(50))).toThrow('no WAV');
	});
});
