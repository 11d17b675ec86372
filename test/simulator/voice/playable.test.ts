import { play } from '../../../simulator/voice/playable';
import { byFfmpeg, recorded } from './support';

const OPUS_HEAD_AT = 28;
let ogg: Buffer;

beforeAll(async () => {
	({ ogg } = await recorded());
});

function changed(change: (copy: Buffer) => Buffer | void): Buffer {
	const copy = Buffer.from(ogg);
	return change(copy) ?? copy;
}

describe('a phone plays', () => {
	it('what WhatsApp records', () => {
		expect(play(ogg)).toEqual({ seconds: expect.closeTo(8.6, 0) as number, packets: 145 });
	});
});

describe('a phone does not play', () => {
	it.each([
		['packets of one frame', ['-ar', '16000', '-ac', '1', '-frame_duration', '60'], 'code 3'],
		['20 ms in each packet', ['-ar', '16000', '-ac', '1', '-frame_duration', '20'], 'code 3'],
		['48 kHz', ['-ar', '48000', '-ac', '1'], '48000'],
		['stereo', ['-ar', '16000', '-ac', '2'], '"channels":2'],
	])('%s', (_what, settings, reason) => {
		expect(() => play(byFfmpeg(...settings))).toThrow(reason);
	});

	it.each<[string, (copy: Buffer) => Buffer | void, string]>([
		['a damaged page', (copy) => void copy.writeUInt8(copy.readUInt8(4_000) ^ 1, 4_000), 'damaged'],
		['half of a file', (copy) => copy.subarray(0, copy.length / 2), ''],
		[
			'a file without its end',
			(copy) => copy.subarray(0, copy.lastIndexOf('OggS')),
			'end is missing',
		],
		['two files in a row', (copy) => Buffer.concat([copy, copy]), 'behind the last'],
		['another head', (copy) => void copy.writeUInt8(2, OPUS_HEAD_AT + 9), 'damaged'],
		['no Ogg', (copy) => copy.fill(0), 'no page'],
		['nothing', () => Buffer.alloc(0), 'end is missing'],
	])('%s', (_what, change, reason) => {
		expect(() => play(changed(change))).toThrow(reason);
	});
});
