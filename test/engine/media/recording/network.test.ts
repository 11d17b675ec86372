import { likeness } from '../../audio/codec/support/compare';
import { speak, tone } from '../../audio/codec/support/speech';
import {
	audioPackets,
	decodeByLibopus,
	encodeAll,
	hex,
	level,
	loadCodecs,
	packetsOf,
	played,
	record,
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

describe('what the network does', () => {
	test('reordered, repeated and late packets make the same file', () => {
		const packets = packetsOf(spoken, { sequence: 65_500, timestamp: 2 ** 32 - 960 * 40 });
		const expected = record(packets, { serial: 1 }).ogg;
		const shuffled = packets.flatMap((packet, index) => {
			const pair = index % 2 === 0 ? packets[index + 1] : packets[index - 1];
			const swapped = { ...(pair ?? packet), arrivedAtMs: packet.arrivedAtMs };
			const late = packets[index - 20];
			return [swapped, swapped, ...(late === undefined ? [] : [late])];
		});
		expect(record(shuffled, { serial: 1 }).ogg).toEqual(expected);
	});

	test('lost packets: three are made up by the player, more are silent, all keep their time', () => {
		const lost = (index: number) => (index >= 20 && index < 22) || (index >= 50 && index < 60);
		const recording = record(packetsOf(spoken).filter((_, index) => !lost(index)));
		expect(recording.durationMs).toBe(6000);
		const packets = audioPackets(recording.ogg);
		expect(hex(packets.slice(20, 22))).toEqual(['5b01', '5b01']);
		expect(hex(packets.slice(50, 53))).toEqual(['5b01', '5b01', '5b01']);
		expect(new Set(packets.slice(53, 60).map((packet) => packet[0]))).toEqual(new Set([0x4b]));
		expect(hex(packets.slice(60, 100))).toEqual(hex(spoken.slice(60)));
		const after = clip.subarray(62 * 960);
		for (const pcm of [played(recording), decodeByLibopus(library, recording.ogg).subarray(104)]) {
			expect(level(pcm, 3250, 3590)).toBeLessThan(5);
			expect(likeness(after, pcm.subarray(62 * 960)).correlation).toBeGreaterThan(0.9);
		}
	});

	test('lost escape packets likewise', () => {
		const payloads = encodeAll(escape, tone(440, 960 * 30));
		const packets = packetsOf(payloads, { codec: 'escape' });
		const recording = record(packets.filter((_, index) => index < 10 || index >= 20));
		expect(recording.durationMs).toBe(1800);
		expect(hex(audioPackets(recording.ogg).slice(10, 14))).toEqual([
			...['bb03', 'bb03', 'bb03', 'bb03fffefffefffe'],
		]);
		for (const pcm of [played(recording), decodeByLibopus(library, recording.ogg)]) {
			expect(level(pcm, 900, 1180)).toBeLessThan(5);
		}
	});

	test('a gap of seconds is as long as the timestamps say', () => {
		const early = packetsOf(spoken.slice(0, 50));
		const late = packetsOf(spoken.slice(50), { sequence: 51, timestamp: 50 * 960 + 16_000 * 7 });
		const recording = record([...early, ...late]);
		expect(recording.durationMs).toBe(13_000);
		const pcm = played(recording);
		expect(level(pcm, 3250, 9990)).toBeLessThan(2);
		expect(likeness(clip.subarray(48_000), pcm.subarray(160_000)).correlation).toBeGreaterThan(0.9);
	});

	test('gaps that are no whole packets do not add up', () => {
		const packets = packetsOf(spoken).map((packet, index) => ({
			...packet,
			timestamp: index * (960 + 50),
			arrivedAtMs: (index * (960 + 50)) / 16,
		}));
		const { durationMs } = record(packets);
		expect(Math.abs(durationMs - (99 * 1010 + 960) / 16)).toBeLessThan(10);
	});

	test('a clock that jumps neither ends the recording nor fills it', () => {
		const packets = packetsOf(spoken).map((packet, index) => ({
			...packet,
			timestamp: packet.timestamp + (index < 50 ? 0 : 2 ** 31),
		}));
		expect(record(packets).durationMs).toBe(6000);
	});
});

test('a sentence that lost a tenth of its packets can still be understood as the same', () => {
	const pcm = speak('Please call the control room, the freezer is too warm.');
	const packets = packetsOf(encodeAll(opus, pcm)).filter((_, index) => index % 10 !== 7);
	const recording = record(packets);
	expect(likeness(pcm, played(recording)).correlation).toBeGreaterThan(0.75);
});
