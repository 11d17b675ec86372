import fc from 'fast-check';

import { createRecorder } from '../../../../engine/media/recording/createRecorder';
import { noise } from '../../audio/codec/support/speech';
import {
	decodeByFfmpeg,
	decodeByLibopus,
	loadCodecs,
	packetMs,
	packetsOf,
	played,
	probedMs,
	record,
	TEN_MINUTES_MS,
	type Codecs,
} from './support';

let library: Codecs['library'];
let spoken: Uint8Array[];

beforeAll(async () => {
	({ library, spoken } = await loadCodecs());
});

describe('limits', () => {
	test('it ends exactly where it shall end', () => {
		for (const atMostMs of [1000, 1230, 1234, 60, 20]) {
			const recording = record(packetsOf(spoken), { atMostMs });
			expect(recording.durationMs).toBe(atMostMs);
			played(recording);
		}
	});

	test('a gap ends there as well', () => {
		const [first, second] = spoken as [Uint8Array, Uint8Array];
		const packets = [
			...packetsOf([first]),
			...packetsOf([second], { sequence: 900, timestamp: 16_000 * 500 }),
		];
		expect(record(packets, { atMostMs: 20_000 }).durationMs).toBe(20_000);
	});

	test('a call of 11 minutes: ten are kept, fast and small', () => {
		const payloads = Array.from(
			{ length: 11_000 },
			(_, index) => spoken[index % 100] as Uint8Array,
		);
		const packets = packetsOf(payloads);
		const started = performance.now();
		const { ogg, durationMs } = record(packets);
		expect(performance.now() - started).toBeLessThan(20_000);
		expect(durationMs).toBe(TEN_MINUTES_MS);
		expect(ogg.length).toBeLessThan(2_000_000);
		expect(Math.abs(probedMs(ogg) - durationMs)).toBeLessThan(7);
	});

	test('a peer that sends far more than speech ends the recording', () => {
		const frame = Uint8Array.from({ length: 1200 }, (_, index) => (index === 0 ? 0xa0 : index));
		const packets = Array.from({ length: 30_000 }, (_, index) => ({
			...{ sequence: index, timestamp: index * 40, payload: frame },
			...{ codec: 'opus' as const, arrivedAtMs: index * 2.5 },
		}));
		const { ogg } = record(packets, { atMostMs: 60_000 });
		expect(ogg.length).toBeLessThan(1_000_000);
	});
});

describe('hostile input', () => {
	test('a thousand random payloads are played by ffmpeg for as long as it says', () => {
		const random = noise(1000 * 1000, 127);
		const payloads = Array.from({ length: 1000 }, (_, index) =>
			Uint8Array.from(random.subarray(index * 1000, index * 1000 + 1 + ((index * 7) % 400))),
		);
		for (const codec of ['opus', 'escape'] as const) {
			const { ogg, durationMs, recorder } = record(packetsOf(payloads, { codec }));
			expect(recorder.damagedPackets).toBeGreaterThan(100);
			expect(decodeByLibopus(library, ogg).length / 16).toBeGreaterThanOrEqual(durationMs);
			expect(decodeByFfmpeg(ogg).pcm.length / 16).toBeCloseTo(durationMs, 0);
			expect(Math.abs(probedMs(ogg) - durationMs)).toBeLessThan(7);
		}
	});

	test('nothing makes it throw', () => {
		const packet = fc.record({
			sequence: fc.oneof(fc.integer({ min: 0, max: 40 }), fc.integer()),
			timestamp: fc.oneof(fc.integer({ min: 0, max: 40_000 }), fc.integer()),
			payload: fc.uint8Array({ maxLength: 300 }),
			codec: fc.constantFrom('escape' as const, 'mlow' as const, 'opus' as const),
			arrivedAtMs: fc.nat(3000),
		});
		fc.assert(
			fc.property(fc.array(packet, { maxLength: 40 }), (packets) => {
				const recorder = createRecorder({ atMostMs: 10_000 });
				packets.forEach((each) => recorder.push(each));
				const recording = recorder.finish();
				expect(recording?.durationMs ?? 0).toBeLessThanOrEqual(10_000);
				if (recording !== undefined) {
					expect(packetMs(recording.ogg)).toBeGreaterThanOrEqual(recording.durationMs + 6);
				}
			}),
			{ numRuns: 1000 },
		);
	});
});
