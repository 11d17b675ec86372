import { packetKind, parseToc } from '../../../../engine/audio/mlow/toc';
import { readVectors } from './support/vectorFiles';

type Row = [
	byte: number,
	opusEscape: number,
	silence: number,
	speech: number,
	sampleRate: number,
	frameMs: number,
	active: number,
	lowRate: number,
	bit0: number,
];

const { rows } = readVectors('toc.json') as { rows: Row[] };

describe('first byte', () => {
	test('all 256 values say what the vectors say', () => {
		expect(rows).toHaveLength(256);
		for (const [byte, opusEscape, silence, speech, sampleRate, frameMs, active, lowRate] of rows) {
			const toc = parseToc(byte);
			expect(toc.opusEscape).toBe(opusEscape === 1);
			if (toc.opusEscape) continue;
			expect(toc).toEqual({
				opusEscape: false,
				silence: silence === 1,
				speech: speech === 1,
				sampleRate,
				frameMs,
				active: active === 1,
				lowRate: lowRate === 1,
			});
		}
	});

	test('only 60 ms at 16 kHz and high rate is decoded', () => {
		for (const [byte, opusEscape, silence, , sampleRate, frameMs, active, lowRate] of rows) {
			const supported = sampleRate === 16_000 && frameMs === 60 && lowRate === 0;
			const audio = active === 1 ? 'speech' : 'background';
			const expected = silence === 1 ? 'silence' : supported ? audio : 'unsupported';
			expect(packetKind(byte)).toBe(opusEscape === 1 ? 'unsupported' : expected);
		}
	});

	test.each([
		[0x50, 'speech'],
		[0x12, 'speech'],
		[0x10, 'background'],
		[0x90, 'silence'],
		[0xdd, 'unsupported'],
	])('%d is %s', (byte, kind) => {
		expect(packetKind(byte)).toBe(kind);
	});
});
