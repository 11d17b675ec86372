import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { CallAudio } from '../../../engine/audio';
import {
	AudioEngine,
	both,
	clip,
	CLIP_SECONDS,
	CLIPS,
	correlation,
	ffmpeg,
	serve,
	wavOf,
} from './support';

const FRAME_SAMPLES = 960;
const CALL_TOC = 0x58;
const MLOW_SPEECH = 0x50;
const VOICE_NOTE_TOC = 0x4b;

const engines = {
	ffmpeg: new AudioEngine(),
	wasm: new AudioEngine({ ffmpeg: 'none' }),
};

afterAll(async () => {
	await engines.ffmpeg.close();
	await engines.wasm.close();
});

describe.each(both)('the frames of a call, by %s', (transcoder) => {
	const engine = engines[transcoder];

	test.each([
		['alert.mp3', 'mp3'],
		['alert.ogg', 'ogg-opus'],
		['alert.wav', 'wav'],
	])('%s becomes packets of exactly 60 ms', async (name, format) => {
		const audio = await engine.prepareCall({ bytes: clip(name) }, 'opus');
		expect(audio).toMatchObject({ codec: 'opus', format, transcoder });
		expect(Math.abs(audio.durationSeconds - CLIP_SECONDS)).toBeLessThan(0.12);
		expect(audio.pcm.length).toBe(audio.frames.length * FRAME_SAMPLES);
		expect(audio.frames.length).toBe(Math.ceil((audio.durationSeconds * 16_000) / FRAME_SAMPLES));
		const speech = audio.frames.filter(({ comfortNoise }) => !comfortNoise);
		expect(speech.length).toBeGreaterThan(audio.frames.length / 2);
		expect(speech.every(({ payload }) => payload[0] === CALL_TOC)).toBe(true);
	});

	test('the escape profile has its own packets', async () => {
		const { frames, codec } = await engine.prepareCall({ bytes: clip('alert.mp3') }, 'escape');
		expect(codec).toBe('escape');
		const speech = frames.filter(({ comfortNoise }) => !comfortNoise);
		expect(speech.every(({ payload }) => ((payload[0] ?? 0) & 0xc0) === 0xc0)).toBe(true);
	});

	test('the MLow profile has packets of speech of its own', async () => {
		const { frames, codec } = await engine.prepareCall({ bytes: clip('alert.mp3') }, 'mlow');
		expect(codec).toBe('mlow');
		const speech = frames.filter(({ comfortNoise }) => !comfortNoise);
		expect(speech.length).toBeGreaterThan(frames.length / 2);
		expect(speech.every(({ payload }) => payload[0] === MLOW_SPEECH)).toBe(true);
	});

	test('MLow brings native Opus of the same recording along, and nothing else does', async () => {
		const { frames, packedOpus } = await engine.prepareCall({ bytes: clip('alert.mp3') }, 'mlow');
		const opus = await engine.prepareCall({ bytes: clip('alert.mp3') }, 'opus');
		expect(packedOpus).toEqual(opus.packed);
		expect(packedOpus?.payloadBytes).toHaveLength(frames.length);
		expect(opus).not.toHaveProperty('packedOpus');
	});

	test("a voice note has WhatsApp's packing, and passes through when it comes back", async () => {
		const note = await engine.prepareVoiceNote({ bytes: clip('alert.mp3') });
		expect(note.transcoder).toBe(transcoder);
		expect(note.waveform).toHaveLength(64);
		expect(Math.max(...note.waveform)).toBe(100);
		expect(Math.abs(note.durationSeconds - CLIP_SECONDS)).toBeLessThan(0.12);
		expect(Buffer.from(note.ogg.subarray(0, 4)).toString()).toBe('OggS');
		expect(note.ogg.includes(VOICE_NOTE_TOC)).toBe(true);
		const again = await engine.prepareVoiceNote({ bytes: note.ogg });
		expect(again.transcoder).toBe('none');
		expect(Buffer.compare(again.ogg, note.ogg)).toBe(0);
		expect(again.waveform).toHaveLength(64);
		expect(again.durationSeconds).toBeCloseTo(note.durationSeconds, 2);
	});

	test.each<[string, Buffer, string, RegExp]>([
		['nothing', Buffer.alloc(0), 'AUDIO_SOURCE', /empty/],
		['a text called mp3', Buffer.from('this is not music '.repeat(50)), 'AUDIO_UNREADABLE', /text/],
		[
			'a zip',
			Buffer.concat([Buffer.from('PK\u0003\u0004'), Buffer.alloc(500)]),
			'AUDIO_UNREADABLE',
			/zip/,
		],
		['a wav of silence', wavOf(new Int16Array(16_000)), 'AUDIO_UNREADABLE', /silence/],
		['a wav of 0 Hz', wavOf(new Int16Array(16_000).fill(1000), 0), 'AUDIO_UNREADABLE', /./],
	])('%s ends with %s', async (_name, bytes, code, said) => {
		await expect(engine.prepareCall({ bytes }, 'opus')).rejects.toMatchObject({
			code,
			message: expect.stringMatching(said),
		});
	});

	test('half an mp3 gives half the sound', async () => {
		const bytes = clip('alert.mp3');
		const audio = await engine.prepareCall({ bytes: bytes.subarray(0, bytes.length / 2) }, 'opus');
		expect(audio.durationSeconds).toBeGreaterThan(3.5);
		expect(audio.durationSeconds).toBeLessThan(5);
	});

	test('the limit of the length is named', async () => {
		await expect(
			engine.prepareCall({ bytes: clip('alert.mp3') }, 'opus', { maximumSeconds: 5 }),
		).rejects.toMatchObject({
			code: 'AUDIO_TOO_LONG',
			message: 'The recording is longer than 5 seconds',
		});
	});

	test('a video without sound and a 2-hour file', async () => {
		const silentVideo = ffmpeg(
			'-f',
			'lavfi',
			'-i',
			'color=black:s=32x32:d=1',
			'-c:v',
			'mpeg4',
			'-f',
			'mp4',
			'-movflags',
			'frag_keyframe+empty_moov',
			'-',
		);
		await expect(engine.prepareCall({ bytes: silentVideo }, 'opus')).rejects.toMatchObject({
			code: expect.stringMatching(/^AUDIO_(UNREADABLE|FORMAT)$/),
		});
		const long = ffmpeg(
			'-f',
			'lavfi',
			'-i',
			'sine=d=7200',
			'-ar',
			'8000',
			'-b:a',
			'8k',
			'-f',
			'mp3',
			'-',
		);
		await expect(engine.prepareCall({ bytes: long }, 'opus')).rejects.toMatchObject({
			code: 'AUDIO_TOO_LONG',
			message: 'The recording is longer than 10 minutes',
		});
	}, 60_000);
});

describe('both ways', () => {
	test.each(['alert.mp3', 'alert.ogg', 'alert.wav'])('give the same sound of %s', async (name) => {
		const options = { normaliseLoudness: false };
		const [a, b] = (await Promise.all(
			both.map(
				async (one) => await engines[one].prepareCall({ bytes: clip(name) }, 'opus', options),
			),
		)) as [CallAudio, CallAudio];
		expect(Math.abs(a.durationSeconds - b.durationSeconds)).toBeLessThan(0.06);
		expect(correlation(a.pcm, b.pcm)).toBeGreaterThan(0.98);
	});

	test('m4a needs ffmpeg: without one, the error names the format and says how to add it', async () => {
		const bytes = clip('alert.m4a');
		const audio = await engines.ffmpeg.prepareCall({ bytes }, 'opus');
		expect(Math.abs(audio.durationSeconds - CLIP_SECONDS)).toBeLessThan(0.12);
		await expect(engines.wasm.prepareCall({ bytes }, 'opus')).rejects.toMatchObject({
			code: 'AUDIO_FORMAT',
			message: expect.stringContaining('M4A'),
			hint: expect.stringContaining('FFMPEG_PATH'),
		});
	});

	test('base64 and a URL give what the bytes give', async () => {
		const bytes = clip('alert.mp3');
		const server = await serve(bytes);
		try {
			const { port } = server.address() as AddressInfo;
			const text = `http://127.0.0.1:${port}/alert.mp3`;
			await expect(engines.wasm.prepareCall({ text }, 'opus')).rejects.toMatchObject({
				code: 'AUDIO_ADDRESS_BLOCKED',
			});
			const [direct, base64, url] = await Promise.all([
				engines.wasm.prepareCall({ bytes }, 'opus'),
				engines.wasm.prepareCall(
					{ text: `data:audio/mpeg;base64,${bytes.toString('base64')}` },
					'opus',
				),
				engines.wasm.prepareCall({ text }, 'opus', { allowPrivateAddresses: true }),
			]);
			expect(base64.frames).toEqual(direct.frames);
			expect(url.frames).toEqual(direct.frames);
		} finally {
			server.close();
		}
	});
});

describe('loudness and silence', () => {
	test('quiet speech comes up, and stays as it is for whoever wants that', async () => {
		const quiet = ffmpeg('-i', join(CLIPS, 'alert.mp3'), '-af', 'volume=-30dB', '-f', 'wav', '-');
		const peak = async (normaliseLoudness: boolean) => {
			const { pcm } = await engines.wasm.prepareCall({ bytes: quiet }, 'opus', {
				normaliseLoudness,
			});
			return pcm.reduce((highest, sample) => Math.max(highest, Math.abs(sample)), 0);
		};
		expect(await peak(true)).toBeGreaterThan(5 * (await peak(false)));
		expect(await peak(true)).toBeLessThan(30_000);
	});

	test('silence at both ends goes when asked', async () => {
		const padded = ffmpeg(
			'-i',
			join(CLIPS, 'alert.mp3'),
			'-af',
			'adelay=2000,apad=pad_dur=3',
			'-f',
			'wav',
			'-',
		);
		const seconds = async (trimSilence: boolean) =>
			(await engines.wasm.prepareCall({ bytes: padded }, 'opus', { trimSilence })).durationSeconds;
		expect(await seconds(false)).toBeCloseTo(CLIP_SECONDS + 5, 0);
		expect(await seconds(true)).toBeLessThan(CLIP_SECONDS + 0.2);
	});
});
