import { decodeToMono16k } from '../../../../engine/audio/decode';
import type { AudioFormat } from '../../../../engine/audio/types';
import { SpeechClips } from '../../../support/speech';
import { align, collect } from './compare';

const clips = new SpeechClips();
afterAll(() => clips.remove());

interface Header {
	tag?: number;
	channels?: number;
	rateHz?: number;
	bits?: number;
	blockBytes?: number;
	dataBytes?: number;
	before?: Buffer;
	after?: Buffer;
}

function chunk(name: string, content: Buffer, size = content.length): Buffer {
	const head = Buffer.from(`${name}\0\0\0\0`, 'latin1');
	head.writeUInt32LE(size, 4);
	return Buffer.concat([head, content, Buffer.alloc(content.length % 2)]);
}

/** One second of a constant 0.5 in 16 bits, mono, 16 kHz, unless the header says something else. */
function wav(header: Header = {}, content = Buffer.alloc(32_000)): Buffer {
	const { channels = 1, rateHz = 16_000, bits = 16, dataBytes = content.length } = header;
	if (bits === 16) for (let n = 0; n + 1 < content.length; n += 2) content.writeInt16LE(16_384, n);
	const format = Buffer.alloc(16);
	format.writeUInt16LE(header.tag ?? 1, 0);
	format.writeUInt16LE(channels, 2);
	format.writeUInt32LE(rateHz, 4);
	format.writeUInt32LE(((rateHz * channels * bits) / 8) % 2 ** 32, 8);
	format.writeUInt16LE(header.blockBytes ?? ((channels * bits) / 8) % 2 ** 16, 12);
	format.writeUInt16LE(bits, 14);
	return Buffer.concat([
		Buffer.from('RIFF\xff\xff\xff\xffWAVE', 'latin1'),
		header.before ?? Buffer.alloc(0),
		chunk('fmt ', format),
		chunk('data', content, dataBytes),
		header.after ?? Buffer.alloc(0),
	]);
}

const decode = (bytes: Uint8Array, format: AudioFormat = 'wav') =>
	collect(decodeToMono16k(bytes, format));

describe('encodings', () => {
	const WAV = [
		'pcm_u8',
		'pcm_s16le',
		'pcm_s24le',
		'pcm_s32le',
		'pcm_f32le',
		'pcm_f64le',
		'pcm_alaw',
		'pcm_mulaw',
	];
	const AIFC = [
		'pcm_s16be',
		'pcm_s24be',
		'pcm_s32be',
		'pcm_f32be',
		'pcm_f64be',
		'pcm_alaw',
		'pcm_mulaw',
		'pcm_s8',
		'pcm_s16le',
	];

	it.each([
		...WAV.flatMap((codec) => [
			{ codec, file: 'a.wav', channels: '1' },
			{ codec, file: 'a.wav', channels: '3' },
		]),
		...AIFC.map((codec) => ({ codec, file: 'a.aiff', channels: '2' })),
	])('$codec in $file, $channels channels', async ({ codec, file, channels }) => {
		const bytes = clips.byFfmpeg(file, '-ar', '16000', '-ac', channels, '-c:a', codec);
		const format = file === 'a.wav' ? 'wav' : 'aiff';
		const reference = clips.decodedByFfmpeg(`${codec}-${channels}-${file}`, bytes, 16_000);
		const decoded = await decode(bytes, format);
		expect(Math.abs(decoded.length - reference.length)).toBeLessThanOrEqual(1);
		const found = align(decoded, reference, 3);
		expect(found.lag).toBe(0);
		expect(found.correlation).toBeGreaterThan(0.9999);
	});

	it.each(['a-law', 'mu-law'])('%s has the level of the standard', async (encoding) => {
		const plain = await decode(clips.bySox('plain.wav', ['-r', '16000']));
		const coded = await decode(clips.bySox(`${encoding}.wav`, ['-r', '16000', '-e', encoding]));
		const energy = (samples: Float32Array) =>
			samples.reduce((sum, value) => sum + value * value, 0);
		expect(energy(coded) / energy(plain)).toBeCloseTo(1, 2);
	});

	it('RIFX and RF64', async () => {
		const reference = await decode(clips.bySox('plain.wav', ['-r', '16000']));
		expect(await decode(clips.bySox('big.wav', ['-r', '16000', '-B']))).toEqual(reference);
		const rf64 = clips.byFfmpeg('rf64.wav', '-ar', '16000', '-rf64', 'always');
		expect(align(await decode(rf64), reference, 3).lag).toBe(0);
	});

	it('24 bits in four bytes, as old editors wrote them', async () => {
		const content = Buffer.alloc(64_000);
		for (let n = 0; n < content.length; n += 4) content.writeInt32LE(2 ** 30, n);
		const decoded = await decode(wav({ bits: 24, blockBytes: 4 }, content));
		expect(decoded).toHaveLength(16_000);
		expect(decoded[8000]).toBeCloseTo(0.5, 6);
	});

	it('a compressed WAV names its encoding and how to add ffmpeg', async () => {
		const bytes = clips.byFfmpeg('adpcm.wav', '-c:a', 'adpcm_ima_wav');
		await expect(decode(bytes)).rejects.toMatchObject({
			code: 'AUDIO_FORMAT',
			message: expect.stringContaining('0x11'),
			hint: expect.stringContaining('FFMPEG_PATH'),
		});
	});
});

describe('lengths that are not true', () => {
	it.each([
		['that is longer than the file', { dataBytes: 1_000_000 }],
		['that was never filled in (0)', { dataBytes: 0 }],
		['that was never filled in (0xFFFFFFFF)', { dataBytes: 0xffffffff }],
		['behind a chunk of odd length', { before: chunk('LIST', Buffer.alloc(7)) }],
		['before other chunks', { after: chunk('LIST', Buffer.alloc(400)) }],
		['with a wrong block alignment', { blockBytes: 3 }],
	] as Array<[string, Header]>)('a data chunk %s is read to its end', async (_, header) => {
		const decoded = await decode(wav(header));
		expect(decoded).toHaveLength(16_000);
		expect(decoded.every((sample) => sample === 0.5)).toBe(true);
	});

	it('an empty data chunk before another chunk is silence of no length', async () => {
		const bytes = wav({ dataBytes: 0, after: chunk('LIST', Buffer.alloc(400)) }, Buffer.alloc(0));
		expect(await decode(bytes)).toHaveLength(0);
	});

	it('a truncated sample is left out', async () => {
		const bytes = wav();
		expect(await decode(bytes.subarray(0, bytes.length - 3))).toHaveLength(15_998);
	});
});

describe('headers that cannot be', () => {
	it.each([
		['0 Hz', { rateHz: 0 }],
		['1 Hz', { rateHz: 1 }],
		['4 GHz', { rateHz: 0xffffffff }],
		['0 channels', { channels: 0 }],
		['9 channels', { channels: 9 }],
		['65,535 channels', { channels: 65_535 }],
		['0 bits', { bits: 0 }],
		['17,000 bits', { bits: 17_000, blockBytes: 2 }],
		['float of 16 bits', { tag: 3 }],
	] as Array<[string, Header]>)('%s', async (_, header) => {
		await expect(decode(wav(header))).rejects.toMatchObject({ code: 'AUDIO_UNREADABLE' });
	});

	it('no header and no data', async () => {
		for (const length of [0, 4, 12, 20, 43]) {
			await expect(decode(wav().subarray(0, length))).rejects.toMatchObject({
				code: 'AUDIO_UNREADABLE',
			});
		}
		const headless = Buffer.concat([
			Buffer.from('RIFF\0\0\0\0WAVE'),
			chunk('data', Buffer.alloc(8)),
		]);
		await expect(decode(headless)).rejects.toMatchObject({ code: 'AUDIO_UNREADABLE' });
	});

	it('what is no number is silence, what is louder than any sound is cut', async () => {
		const content = Buffer.alloc(64_000);
		for (let n = 0; n < content.length; n += 16) {
			content.writeFloatLE(Number.NaN, n);
			content.writeFloatLE(Number.NEGATIVE_INFINITY, n + 4);
			content.writeFloatLE(1e38, n + 8);
		}
		const decoded = await decode(wav({ tag: 3, bits: 32 }, content));
		expect([...decoded.subarray(0, 4)]).toEqual([0, -16, 16, 0]);
	});
});
