import { readOggPackets } from '../../../../engine/audio/voiceNote/ogg';
import { readOpusHead } from '../../../../engine/audio/voiceNote/opusHeaders';
import { createRecorder } from '../../../../engine/media/recording/createRecorder';
import { likeness } from '../../audio/codec/support/compare';
import { concat } from '../../audio/codec/support/speech';
import {
	audioPackets,
	encodeAll,
	encodeFrames,
	hex,
	level,
	loadCodecs,
	packetMs,
	packetsOf,
	played,
	record,
	TEN_MINUTES_MS,
	type Codecs,
} from './support';

let library: Codecs['library'];
let opus: Codecs['opus'];
let escape: Codecs['escape'];
let clip: Int16Array;
let spoken: Uint8Array[];

beforeAll(async () => {
	({ library, opus, escape, clip, spoken } = await loadCodecs());
});

describe('the file', () => {
	test('native Opus is kept packet for packet and can be heard in full', () => {
		const recording = record(packetsOf(spoken));
		expect(recording.durationMs).toBe(6000);
		expect(hex(audioPackets(recording.ogg)).slice(0, -1)).toEqual(hex(spoken));
		expect(packetMs(recording.ogg)).toBe(6010);
		const { delay, correlation, spectralDistanceDb } = likeness(clip, played(recording));
		expect(Math.abs(delay)).toBeLessThanOrEqual(4);
		expect(correlation).toBeGreaterThan(0.93);
		expect(spectralDistanceDb).toBeLessThan(3);
	});

	test('headers, pages of at most a second, granule positions and the end', () => {
		const { ogg } = record(packetsOf(spoken), { serial: 77 });
		const [head, tags, ...audio] = [...readOggPackets(ogg, { damage: 'refuse' })];
		expect(readOpusHead(head?.packet ?? new Uint8Array())).toEqual({
			channels: 1,
			preSkip: 312,
			inputSampleRateHz: 16_000,
			mappingFamily: 0,
		});
		expect([head?.granulePosition, tags?.granulePosition, head?.serial]).toEqual([0n, 0n, 77]);
		const ends = audio.flatMap(({ granulePosition }, index) =>
			granulePosition === -1n ? [] : [{ granulePosition, packets: index + 1 }],
		);
		for (const { granulePosition, packets } of ends.slice(0, -1)) {
			expect(packets % 16).toBe(0);
			expect(granulePosition).toBe(BigInt(packets * 2880));
		}
		expect(ends.at(-1)).toEqual({ granulePosition: 288_312n, packets: 101 });
		expect(audio.filter(({ endOfStream }) => endOfStream)).toEqual([audio.at(-1)]);
	});

	test('escape packets become Opus again, and comfort noise becomes silence', () => {
		const source = concat([
			clip.subarray(0, 48_000),
			new Int16Array(48_000),
			clip.subarray(48_000),
		]);
		const payloads = encodeAll(escape, source);
		expect(payloads.filter(({ length }) => length === 1).length).toBeGreaterThan(40);
		const recording = record(packetsOf(payloads, { codec: 'escape' }));
		expect(recording.durationMs).toBe(9000);
		const pcm = played(recording);
		expect(
			likeness(source.subarray(0, 48_000), pcm.subarray(0, 48_000)).correlation,
		).toBeGreaterThan(0.9);
		expect(likeness(source.subarray(96_000), pcm.subarray(96_000)).correlation).toBeGreaterThan(
			0.9,
		);
		expect(level(pcm, 3200, 5900)).toBeLessThan(2);
	});

	test('plain Opus of a phone that is sent escape packets is taken', () => {
		const { ogg } = record(packetsOf(spoken, { codec: 'escape' }));
		expect(hex(audioPackets(ogg)).slice(0, -1)).toEqual(hex(spoken));
	});

	test.each([160, 320, 640, 960])('packets of %d samples', (samples) => {
		const packets = encodeFrames(library, clip, samples).map((payload, index) => ({
			...{ sequence: index, timestamp: index * samples, payload, codec: 'opus' as const },
			arrivedAtMs: (index * samples) / 16,
		}));
		const recording = record(packets);
		expect(recording.durationMs).toBe(6000);
		expect(likeness(clip, played(recording)).correlation).toBeGreaterThan(0.93);
	});

	test('codecs may change within a call', () => {
		const celt = encodeAll(escape, clip);
		const half = { codec: 'escape' as const, sequence: 51, timestamp: 50 * 960 };
		const recording = record([
			...packetsOf(spoken.slice(0, 50)),
			...packetsOf(celt.slice(50, 75), half),
			...packetsOf(spoken.slice(75), { sequence: 76, timestamp: 75 * 960 }),
		]);
		expect(recording.durationMs).toBe(6000);
		const pcm = played(recording);
		// CELT comes 4 ms earlier than SILK.
		for (const [start, end] of [
			[0, 50],
			[51, 75],
			[76, 100],
		] as const) {
			const [source, copy] = [clip, pcm].map((all) => all.subarray(start * 960, end * 960));
			expect(likeness(source as Int16Array, copy as Int16Array).correlation).toBeGreaterThan(0.9);
		}
	});

	test('a caller may use its buffer again', () => {
		const buffer = Buffer.alloc(1500);
		const recorder = createRecorder({ atMostMs: TEN_MINUTES_MS });
		for (const packet of packetsOf(spoken)) {
			buffer.set(packet.payload);
			recorder.push({ ...packet, payload: buffer.subarray(0, packet.payload.length) });
		}
		expect(hex(audioPackets(recorder.finish()?.ogg ?? new Uint8Array())).slice(0, -1)).toEqual(
			hex(spoken),
		);
	});
});

describe('silence', () => {
	test('nothing but DTX is a recording, too', () => {
		const recording = record(packetsOf(Array.from({ length: 50 }, () => Uint8Array.of(0x58))));
		expect(recording.durationMs).toBe(3000);
		expect(level(played(recording), 0, 3000)).toBeLessThan(2);
	});

	test('nothing but comfort noise likewise, and at the end as well', () => {
		const quiet = packetsOf(Array.from({ length: 50 }, () => Uint8Array.of(0x90)));
		const recording = record(quiet.map((packet) => ({ ...packet, codec: 'escape' })));
		expect(recording.durationMs).toBe(3000);
		expect(level(played(recording), 0, 3000)).toBeLessThan(2);
	});

	test('comfort noise more often than every 60 ms is not longer for that', () => {
		const packets = Array.from({ length: 151 }, (_, index) => ({
			...{ sequence: index, timestamp: index * 320, payload: Uint8Array.of(0x90) },
			...{ codec: 'escape' as const, arrivedAtMs: index * 20 },
		}));
		expect(record(packets).durationMs).toBe(3060);
	});

	test('DTX between words keeps its time', () => {
		const source = concat([
			clip.subarray(0, 48_000),
			new Int16Array(96_000),
			clip.subarray(48_000),
		]);
		const payloads = encodeAll(opus, source);
		expect(payloads.filter(({ length }) => length <= 2).length).toBeGreaterThan(60);
		const recording = record(packetsOf(payloads));
		expect(recording.durationMs).toBe(12_000);
		const pcm = played(recording);
		for (const [start, end] of [
			[0, 48_000],
			[144_000, 192_000],
		] as const) {
			const [before, after] = [source.subarray(start, end), pcm.subarray(start, end)];
			expect(likeness(before, after).correlation).toBeGreaterThan(0.9);
		}
	});
});

describe('nothing to play', () => {
	test('no packets', () => {
		const recorder = createRecorder({ atMostMs: 1000 });
		expect(recorder.finish()).toBeUndefined();
		packetsOf(spoken).forEach((packet) => recorder.push(packet));
		expect(recorder.finish()).toBeUndefined();
	});

	test('a limit of nothing', () => {
		const recorder = createRecorder({ atMostMs: 0 });
		packetsOf(spoken).forEach((packet) => recorder.push(packet));
		expect(recorder.finish()).toBeUndefined();
	});

	test('only MLow without a decoder is counted', () => {
		const recorder = createRecorder({ atMostMs: TEN_MINUTES_MS });
		packetsOf(spoken, { codec: 'mlow' }).forEach((packet) => recorder.push(packet));
		expect(recorder.finish()).toBeUndefined();
		expect(recorder.undecodablePackets).toBe(100);
	});

	test('only what is no Opus', () => {
		const recorder = createRecorder({ atMostMs: TEN_MINUTES_MS });
		packetsOf([Uint8Array.of(), Uint8Array.of(0x4b), new Uint8Array(7651)]).forEach((packet) =>
			recorder.push(packet),
		);
		expect(recorder.finish()).toBeUndefined();
		expect(recorder.damagedPackets).toBe(3);
	});
});
