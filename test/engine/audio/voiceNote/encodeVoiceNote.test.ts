import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { loadOpusLibrary } from '../../../../engine/audio/codec/opusLibrary';
import type { OpusLibrary } from '../../../../engine/audio/codec/opusLibrary';
import { splitPacket } from '../../../../engine/audio/codec/opusPacket';
import { encodeVoiceNote } from '../../../../engine/audio/voiceNote/encodeVoiceNote';
import { isWhatsAppVoiceNote } from '../../../../engine/audio/voiceNote/inspect';
import { readOggPackets } from '../../../../engine/audio/voiceNote/ogg';
import { readOpusHead } from '../../../../engine/audio/voiceNote/opusHeaders';
import { likeness } from '../codec/support/compare';
import { alertClip, concat, ffmpegToPcm, noise, speak, tone } from '../codec/support/speech';

/** Wideband SILK, 20 ms, mono, code 3. */
const VOICE_NOTE_TOC = 0x4b;
const LOOKAHEAD = 104;

let library: OpusLibrary;
let folder: string;

beforeAll(async () => {
	library = await loadOpusLibrary();
	folder = mkdtempSync(join(tmpdir(), 'voice-note-'));
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

function packetsOf(bytes: Uint8Array) {
	const packets = [...readOggPackets(bytes, { damage: 'refuse' })];
	return { head: packets[0], tags: packets[1], audio: packets.slice(2) };
}

function decode(bytes: Uint8Array): Int16Array {
	const decoder = library.createDecoder(16_000, 1);
	try {
		return concat(packetsOf(bytes).audio.map(({ packet }) => decoder.decode(packet)));
	} finally {
		decoder.close();
	}
}

/** What ffprobe says: nothing but the duration when it finds no fault. */
function probe(bytes: Uint8Array): { complaints: string; seconds: number; codec: string } {
	const file = join(folder, 'note.ogg');
	writeFileSync(file, bytes);
	const { stdout, stderr } = spawnSync(
		'ffprobe',
		[
			...['-v', 'warning', '-show_entries', 'format=duration:stream=codec_name,channels'],
			...['-of', 'json', file],
		],
		{ encoding: 'utf8' },
	);
	const { format, streams } = JSON.parse(stdout) as {
		format: { duration: string };
		streams: Array<{ codec_name: string; channels: number }>;
	};
	return {
		complaints: stderr,
		seconds: Number(format.duration),
		codec: `${streams.length} ${streams[0]?.codec_name} ${streams[0]?.channels}`,
	};
}

test.each<[string, () => Int16Array]>([
	['the alert clip', alertClip],
	['a sentence', () => speak('The server room is at forty degrees. Please come at once.')],
	['music-like tones', () => concat([tone(220, 20_000), tone(3000, 20_000), tone(7500, 20_000)])],
	['loud noise', () => noise(40_000, 32_000)],
	['silence', () => new Int16Array(40_000)],
	['a single sample', () => Int16Array.of(1000)],
])('%s: each packet is three 20 ms frames of wideband SILK by code 3', async (_, source) => {
	const pcm = source();
	const { bytes, durationSeconds } = await encodeVoiceNote(library, [pcm]);
	const { head, audio } = packetsOf(bytes);
	expect(readOpusHead(head?.packet ?? new Uint8Array())).toEqual({
		channels: 1,
		preSkip: LOOKAHEAD * 3,
		inputSampleRateHz: 16_000,
		mappingFamily: 0,
	});
	for (const { packet } of audio) {
		expect(packet[0]).toBe(VOICE_NOTE_TOC);
		expect(splitPacket(packet)).toMatchObject({ durationMs: 60 });
		expect(splitPacket(packet)?.frames).toHaveLength(3);
	}
	expect(audio).toHaveLength(Math.ceil((pcm.length + LOOKAHEAD) / 960));
	expect(durationSeconds).toBe(pcm.length / 16_000);
	expect(isWhatsAppVoiceNote(bytes)).toEqual({ durationSeconds });
	expect(decode(bytes).length).toBeGreaterThanOrEqual(pcm.length + LOOKAHEAD);
});

test('silence is encoded, not left out', async () => {
	const { bytes } = await encodeVoiceNote(library, [new Int16Array(40_000)]);
	const frames = packetsOf(bytes).audio.flatMap(({ packet }) => splitPacket(packet)?.frames ?? []);
	expect(Math.min(...frames.map(({ length }) => length))).toBeGreaterThan(1);
});

test('granule positions grow by 60 ms a packet, a page holds about a second, the end is cut', async () => {
	const pcm = alertClip();
	const { bytes } = await encodeVoiceNote(library, [pcm]);
	const { head, tags, audio } = packetsOf(bytes);
	expect(head?.granulePosition).toBe(0n);
	expect(tags?.granulePosition).toBe(0n);
	const pageEnds = audio.flatMap(({ granulePosition }, index) =>
		granulePosition === -1n ? [] : [{ granulePosition, packets: index + 1 }],
	);
	for (const { granulePosition, packets } of pageEnds.slice(0, -1)) {
		expect(packets % 16).toBe(0);
		expect(granulePosition).toBe(BigInt(packets * 2880));
	}
	expect(pageEnds.at(-1)).toEqual({
		granulePosition: BigInt((pcm.length + LOOKAHEAD) * 3),
		packets: audio.length,
	});
	expect(audio.filter(({ endOfStream }) => endOfStream)).toEqual([audio.at(-1)]);
});

test.each([1, 319, 320, 855, 856, 857, 960, 15_256, 15_257, 16_000])(
	'%d samples: ffmpeg and ffprobe take the file and agree on its length',
	async (samples) => {
		const { bytes, durationSeconds } = await encodeVoiceNote(library, [tone(440, samples)]);
		const { complaints, seconds, codec } = probe(bytes);
		expect(complaints).toBe('');
		expect(codec).toBe('1 opus 1');
		// ffprobe counts the pre-skip of 6.5 ms as well.
		expect(Math.abs(seconds - durationSeconds)).toBeLessThan(0.007);
		const pcm = ffmpegToPcm(['-xerror', '-i', 'pipe:0'], bytes);
		expect(Math.abs(pcm.length - samples)).toBeLessThanOrEqual(1);
	},
);

test.each<[string, () => Int16Array]>([
	['the alert clip', alertClip],
	['a sentence', () => speak('Good morning. Your order has arrived at the warehouse.')],
])('%s comes back alike, by our decoder and by ffmpeg', async (_, source) => {
	const pcm = source();
	const { bytes } = await encodeVoiceNote(library, [pcm]);
	const ours = likeness(pcm, decode(bytes));
	expect(Math.abs(ours.delay - LOOKAHEAD)).toBeLessThanOrEqual(4);
	expect(ours.correlation).toBeGreaterThan(0.93);
	expect(ours.spectralDistanceDb).toBeLessThan(3);

	const byFfmpeg = ffmpegToPcm(['-xerror', '-i', 'pipe:0'], bytes);
	const theirs = likeness(pcm, byFfmpeg);
	expect(Math.abs(byFfmpeg.length - pcm.length)).toBeLessThanOrEqual(1);
	expect(Math.abs(theirs.delay)).toBeLessThanOrEqual(4);
	expect(theirs.correlation).toBeGreaterThan(0.93);
	expect(theirs.spectralDistanceDb).toBeLessThan(3);
});

test('pieces of any size, at once or in time, give the same file', async () => {
	const pcm = alertClip().subarray(0, 40_000);
	async function* inTime() {
		for (let start = 0, size = 1; start < pcm.length; start += size, size = (size * 5) % 2039) {
			await Promise.resolve();
			yield pcm.subarray(start, start + size);
		}
	}
	const whole = await encodeVoiceNote(library, [pcm], { serial: 1 });
	expect(await encodeVoiceNote(library, inTime(), { serial: 1 })).toEqual(whole);
	expect(whole.waveform).toHaveLength(64);
	expect(Math.max(...whole.waveform)).toBe(100);
});

test('the serial number is as given, else another each time', async () => {
	const serialOf = async (serial?: number) => {
		const { bytes } = await encodeVoiceNote(library, [tone(440, 960)], { serial });
		return packetsOf(bytes).head?.serial;
	};
	expect(await serialOf(0xffffffff)).toBe(0xffffffff);
	expect(await serialOf()).not.toBe(await serialOf());
});

test('no sample at all is an error', async () => {
	await expect(encodeVoiceNote(library, [new Int16Array()])).rejects.toMatchObject({
		code: 'AUDIO_UNREADABLE',
	});
});

test('an error of the source is passed on and nothing is left behind', async () => {
	const fail = (): Iterable<Int16Array> => ({
		*[Symbol.iterator]() {
			yield tone(440, 960);
			throw new Error('the source broke');
		},
	});
	await expect(encodeVoiceNote(library, fail())).rejects.toThrow('the source broke');
	const before = library.memoryBytes();
	for (let round = 0; round < 1000; round++) {
		await expect(encodeVoiceNote(library, fail())).rejects.toThrow('the source broke');
	}
	expect(library.memoryBytes()).toBe(before);
});
