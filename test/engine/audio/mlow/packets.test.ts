import { NO_GAIN } from '../../../../engine/audio/mlow/frameParameters';
import type { InternalFrame } from '../../../../engine/audio/mlow/frameParameters';
import { RangeEncoder } from '../../../../engine/audio/mlow/rangeEncoder';
import { readPacket } from '../../../../engine/audio/mlow/readPacket';
import { symbolTables, energyQ14 } from '../../../../engine/audio/mlow/symbolTables';
import { writePacket } from '../../../../engine/audio/mlow/writePacket';
import {
	ORIGINAL_CLIP,
	SPEECH_CLIPS,
	fromHex,
	readPackets,
	readVectors,
	toHex,
} from './support/vectorFiles';

interface FrameVector {
	voiced: number;
	grid: number;
	stage2: number[];
	interp: number;
	pulses: Array<[position: number, amplitude: number]>;
	fcb_idx: number[];
	acb_idx?: number[];
	contour?: number;
	lag_idx?: number[];
	nrg_level?: number;
	nrg_shape?: number;
	nrg_db_q14?: number[];
}

interface PacketVector {
	name: string;
	hex: string;
	frames: FrameVector[];
	symbols?: Array<[from: number, to: number, total: number]>;
}

const { frames: packets } = readVectors('frame_params.json') as { frames: PacketVector[] };
const named = packets.map((packet) => [packet.name, packet] as const);

function toVector(frame: InternalFrame): FrameVector {
	const energies = [0, 1, 2, 3].map((subframe) =>
		energyQ14(symbolTables(), frame.energyLevel, frame.energyShape, subframe),
	);
	return {
		voiced: frame.voiced ? 1 : 0,
		grid: frame.lsfGrid,
		stage2: [...frame.lsfSymbols],
		interp: frame.lsfInterpolation,
		pulses: [...frame.pulses.entries()].filter(([, amplitude]) => amplitude !== 0),
		fcb_idx: [...frame.pulseGains],
		...(frame.voiced
			? {
					acb_idx: [...frame.pitchGains],
					contour: frame.contour,
					lag_idx: [...frame.lagIndices],
				}
			: { nrg_level: frame.energyLevel, nrg_shape: frame.energyShape, nrg_db_q14: energies }),
	};
}

const withoutZeros = (hex: string) => hex.replace(/(00)+$/, '');

describe('packets', () => {
	test.each(named)('every parameter is read: %s', (_, { hex, frames }) => {
		const read = readPacket(fromHex(hex));
		expect(read).toHaveLength(3);
		frames.forEach((expected, index) => {
			const frame = read?.[index];
			expect(frame && toVector(frame)).toEqual(expect.objectContaining(pick(expected)));
		});
	});

	test.each(named)('written again, it is the same bytes: %s', (_, { hex }) => {
		const bytes = fromHex(hex);
		expect(toHex(writePacket(readPacket(bytes) ?? [], bytes[0]))).toBe(withoutZeros(hex));
	});

	test.each(named.filter(([, { symbols }]) => symbols !== undefined))(
		'every interval is that of the vectors: %s',
		(_, { hex, symbols }) => {
			const encode = jest.spyOn(RangeEncoder.prototype, 'encode');
			try {
				const bytes = fromHex(hex);
				writePacket(readPacket(bytes) ?? [], bytes[0]);
				expect(encode.mock.calls).toEqual(symbols);
			} finally {
				encode.mockRestore();
			}
		},
	);

	test.each([...SPEECH_CLIPS, ORIGINAL_CLIP])('all of %s are the same bytes again', (clip) => {
		for (const packet of readPackets(clip)) {
			const frames = readPacket(packet) ?? [];
			expect(toHex(writePacket(frames, packet[0]))).toBe(withoutZeros(toHex(packet)));
		}
	});

	test('subframes without pulses have no pulse gain', () => {
		for (const packet of readPackets(ORIGINAL_CLIP)) {
			for (const { pulseGains, pulses } of readPacket(packet) ?? []) {
				pulseGains.forEach((gain, subframe) => {
					const own = pulses.subarray(80 * subframe, 80 * subframe + 80);
					expect(gain === NO_GAIN).toBe(own.every((amplitude) => amplitude === 0));
				});
			}
		}
	});

	test('silence and other durations hold no frames', () => {
		for (const byte of [0x90, 0x48, 0x58, 0x70, 0x54, 0xdd]) {
			expect(readPacket(Uint8Array.of(byte, 1, 2, 3))).toBeUndefined();
		}
		expect(readPacket(new Uint8Array(0))).toBeUndefined();
	});

	test('a packet that was cut in the middle, or goes on far beyond its end, holds none', () => {
		const [packet = new Uint8Array(0)] = readPackets('s1_male_clean').slice(20);
		expect(readPacket(packet)).toBeDefined();
		expect(readPacket(packet.subarray(0, packet.length / 2))).toBeUndefined();
		expect(readPacket(Uint8Array.from([...packet, ...new Array(100).fill(7)]))).toBeUndefined();
	});
});

/** What of a vector's frame this project knows too. */
function pick(vector: FrameVector): Partial<FrameVector> {
	const known = [
		'voiced',
		'grid',
		'stage2',
		'interp',
		'pulses',
		'fcb_idx',
		'acb_idx',
		'contour',
		'lag_idx',
		'nrg_level',
		'nrg_shape',
		'nrg_db_q14',
	];
	return Object.fromEntries(Object.entries(vector).filter(([key]) => known.includes(key)));
}
