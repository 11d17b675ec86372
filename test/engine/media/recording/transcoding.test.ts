import { repacketise } from '../../../../engine/audio/codec/opusPacket';
import { likeness } from '../../audio/codec/support/compare';
import {
	audioPackets,
	encodeFrames,
	level,
	loadCodecs,
	packetsOf,
	played,
	record,
	type Codecs,
} from './support';

let library: Codecs['library'];
let opus: Codecs['opus'];
let clip: Int16Array;
let spoken: Uint8Array[];

beforeAll(async () => {
	({ library, opus, clip, spoken } = await loadCodecs());
});

describe('codecs that no player knows', () => {
	/** MLow's place is taken by Opus with a byte in front. */
	const disguised = (payload: Uint8Array) => Uint8Array.of(0x50, ...payload);
	const transcoding = () => ({
		opusLibrary: library,
		decoders: {
			mlow: () => {
				const decoder = opus.createDecoder();
				return {
					decode: (payload: Uint8Array | null) => decoder.decode(payload?.subarray(1) ?? null),
					close: () => decoder.close(),
				};
			},
		},
	});

	test('without a decoder MLow is silent between what can be understood', () => {
		const foreign = { codec: 'mlow' as const, sequence: 31, timestamp: 30 * 960 };
		const recording = record([
			...packetsOf(spoken.slice(0, 30)),
			...packetsOf(
				spoken.slice(30, 60).map(() => Uint8Array.of(0x50, 1, 2)),
				foreign,
			),
			...packetsOf(spoken.slice(60), { sequence: 61, timestamp: 60 * 960 }),
		]);
		expect(recording.durationMs).toBe(6000);
		expect(recording.recorder.undecodablePackets).toBe(30);
		expect(level(played(recording), 1870, 3590)).toBeLessThan(2);
	});

	test('with a decoder it is encoded anew', () => {
		const payloads = spoken.map(disguised);
		const recording = record(packetsOf(payloads, { codec: 'mlow' }), {
			transcoding: transcoding(),
		});
		expect(recording.durationMs).toBe(6000);
		expect(recording.recorder.undecodablePackets).toBe(0);
		expect(likeness(clip, played(recording)).correlation).toBeGreaterThan(0.85);
	});

	test('what is lost is made up by its decoder, and then silent', () => {
		const lost = (index: number) => (index >= 20 && index < 22) || (index >= 50 && index < 60);
		const packets = packetsOf(spoken.map(disguised), { codec: 'mlow' });
		const recording = record(
			packets.filter((_, index) => !lost(index)),
			{ transcoding: transcoding() },
		);
		expect(recording.durationMs).toBe(6000);
		const parts = audioPackets(recording.ogg);
		// Not left to the player, as empty frames would be.
		for (const index of [20, 21, 50, 51, 52]) {
			expect(parts[index]?.length).toBeGreaterThan(3);
		}
		expect(new Set(parts.slice(53, 60).map((packet) => packet[0]))).toEqual(new Set([0x4b]));
		const pcm = played(recording);
		expect(level(pcm, 3250, 3590)).toBeLessThan(5);
		const after = clip.subarray(62 * 960);
		expect(likeness(after, pcm.subarray(62 * 960)).correlation).toBeGreaterThan(0.85);
	});

	test.each([160, 320, 1920])('frames of %d samples', (samples) => {
		const frames = encodeFrames(library, clip, Math.min(samples, 960));
		const payloads =
			samples < 1920
				? frames
				: Array.from({ length: 50 }, (_, index) =>
						repacketise(frames.slice(2 * index, 2 * index + 2)),
					);
		const packets = payloads.map((payload, index) => ({
			...{ sequence: index, timestamp: index * samples, payload: disguised(payload) },
			...{ codec: 'mlow' as const, arrivedAtMs: (index * samples) / 16 },
		}));
		const recording = record(packets, { transcoding: transcoding() });
		expect(recording.durationMs).toBe(6000);
		expect(likeness(clip, played(recording)).correlation).toBeGreaterThan(0.85);
	});

	test('a decoder that fails costs its packets only', () => {
		const fail = () => {
			throw new Error('the memory is used up');
		};
		const { recorder, durationMs } = record(
			[
				...packetsOf(spoken.slice(0, 50)),
				...packetsOf([Uint8Array.of(0x50)], { codec: 'mlow', sequence: 51, timestamp: 50 * 960 }),
			],
			{ transcoding: { opusLibrary: library, decoders: { mlow: fail } } },
		);
		expect(durationMs).toBe(3000);
		expect(recorder.damagedPackets).toBe(1);
	});

	test('decoders and encoders are released', () => {
		const packets = packetsOf(spoken.slice(0, 2).map(disguised), { codec: 'mlow' });
		record(packets, { transcoding: transcoding() });
		const before = library.memoryBytes();
		for (let round = 0; round < 1000; round++) {
			record(packets, { transcoding: transcoding() });
		}
		expect(library.memoryBytes()).toBe(before);
	});
});
