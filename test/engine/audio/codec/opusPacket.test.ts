import fc from 'fast-check';

import {
	joinFrames,
	MAX_FRAME_BYTES,
	parseToc,
	repacketise,
	splitPacket,
} from '../../../../engine/audio/codec/opusPacket';

const bytes = (...values: number[]) => Uint8Array.from(values);
const frame = (length: number, value = 7) => new Uint8Array(length).fill(value);
const plain = (frames: readonly Uint8Array[] | undefined) =>
	frames?.map((entry) => Buffer.from(entry).toString('hex'));

describe('the table of contents', () => {
	test.each([
		[0x58, 'silk', 'wideband', false, 0, 60],
		[0x4b, 'silk', 'wideband', false, 3, 20],
		[0x48, 'silk', 'wideband', false, 0, 20],
		[0x08, 'silk', 'narrowband', false, 0, 20],
		[0x30, 'silk', 'mediumband', false, 0, 40],
		[0x65, 'hybrid', 'superwideband', true, 1, 10],
		[0x7a, 'hybrid', 'fullband', false, 2, 20],
		[0xbb, 'celt', 'wideband', false, 3, 20],
		[0x80, 'celt', 'narrowband', false, 0, 2.5],
		[0xd0, 'celt', 'superwideband', false, 0, 10],
		[0xfc, 'celt', 'fullband', true, 0, 20],
	])('0x%s is read as RFC 6716 says', (byte, mode, bandwidth, stereo, code, frameMs) => {
		expect(parseToc(byte)).toEqual({ config: byte >> 3, mode, bandwidth, stereo, code, frameMs });
	});
});

describe('splitting', () => {
	test('code 0 is one frame, also of no bytes', () => {
		expect(splitPacket(bytes(0x58, 1, 2, 3))).toMatchObject({
			frames: [bytes(1, 2, 3)],
			durationMs: 60,
		});
		expect(splitPacket(bytes(0x58))?.frames).toEqual([bytes()]);
	});

	test('code 1 is two frames of one size, and an odd body is refused', () => {
		expect(splitPacket(bytes(0x49, 1, 2, 3, 4))?.frames).toEqual([bytes(1, 2), bytes(3, 4)]);
		expect(splitPacket(bytes(0x49, 1, 2, 3))).toBeUndefined();
	});

	test('code 2 has the length of its first frame in one or two bytes', () => {
		expect(splitPacket(bytes(0x4a, 1, 9, 8, 7))?.frames).toEqual([bytes(9), bytes(8, 7)]);
		const long = splitPacket(bytes(0x4a, 253, 1, ...frame(257), 5));
		expect(long?.frames.map((entry) => entry.length)).toEqual([257, 1]);
		expect(splitPacket(bytes(0x4a, 5, 1, 2))).toBeUndefined();
		expect(splitPacket(bytes(0x4a, 252))).toBeUndefined();
		expect(splitPacket(bytes(0x4a))).toBeUndefined();
	});

	test('code 3 has constant or variable sizes', () => {
		expect(splitPacket(bytes(0x4b, 3, 1, 2, 3))?.frames).toEqual([bytes(1), bytes(2), bytes(3)]);
		expect(splitPacket(bytes(0x4b, 3, 1, 2))).toBeUndefined();
		expect(splitPacket(bytes(0x4b, 0x83, 2, 0, 1, 2, 3))?.frames).toEqual([
			bytes(1, 2),
			bytes(),
			bytes(3),
		]);
	});

	test('padding is left out, also when its length takes several bytes', () => {
		expect(splitPacket(bytes(0x4b, 0x41, 2, 9, 0, 0))?.frames).toEqual([bytes(9)]);
		const padded = bytes(0x4b, 0x41, 255, 1, 9, ...new Uint8Array(255));
		expect(splitPacket(padded)?.frames).toEqual([bytes(9)]);
		expect(splitPacket(bytes(0x4b, 0x41, 5, 0))).toBeUndefined();
		expect(splitPacket(bytes(0x4b, 0x41, 255, 255))).toBeUndefined();
		expect(splitPacket(bytes(0x4b, 0x41))).toBeUndefined();
	});

	test('no byte, no frame, too long a frame and over 120 ms are refused', () => {
		expect(splitPacket(bytes())).toBeUndefined();
		expect(splitPacket(bytes(0x4b))).toBeUndefined();
		expect(splitPacket(bytes(0x4b, 0))).toBeUndefined();
		expect(splitPacket(bytes(0x48, ...frame(MAX_FRAME_BYTES)))).toBeDefined();
		expect(splitPacket(bytes(0x48, ...frame(MAX_FRAME_BYTES + 1)))).toBeUndefined();
		expect(splitPacket(bytes(0x4b, 6, ...frame(6)))?.durationMs).toBe(120);
		expect(splitPacket(bytes(0x4b, 7, ...frame(7)))).toBeUndefined();
	});
});

describe('joining', () => {
	test('frames of one size need no lengths', () => {
		expect(joinFrames({ config: 9, stereo: false }, [bytes(1), bytes(2), bytes(3)])).toEqual(
			bytes(0x4b, 3, 1, 2, 3),
		);
	});

	test('frames of different sizes are preceded by all lengths but the last', () => {
		const packet = joinFrames({ config: 9, stereo: true }, [frame(300), bytes(), frame(2)]);
		expect([...packet.subarray(0, 6)]).toEqual([0x4f, 0x83, 252, 12, 0, 7]);
	});

	test('what does not fit in one packet is refused', () => {
		const kind = { config: 9, stereo: false };
		expect(() => joinFrames(kind, [])).toThrow(RangeError);
		expect(() =>
			joinFrames(
				kind,
				Array.from({ length: 7 }, () => frame(1)),
			),
		).toThrow(RangeError);
		expect(() => joinFrames(kind, [frame(MAX_FRAME_BYTES + 1)])).toThrow(RangeError);
	});

	test('packets are merged only when valid and of one kind', () => {
		expect(repacketise([bytes(0x48, 1), bytes(0x49, 2, 3)])).toEqual(bytes(0x4b, 3, 1, 2, 3));
		expect(() => repacketise([bytes(0x48, 1), bytes(0x58, 2)])).toThrow(RangeError);
		expect(() => repacketise([bytes(0x48, 1), bytes(0x4c, 2)])).toThrow(RangeError);
		expect(() => repacketise([bytes(0x48, 1), bytes()])).toThrow(RangeError);
		expect(() => repacketise([])).toThrow(RangeError);
	});
});

test('what was joined is split into the same frames', () => {
	const frames = (count: number) =>
		fc.array(fc.uint8Array({ maxLength: MAX_FRAME_BYTES, size: 'max' }), {
			minLength: 1,
			maxLength: count,
		});
	const cases = fc.record({ config: fc.nat(31), stereo: fc.boolean() }).chain((kind) =>
		fc.record({
			kind: fc.constant(kind),
			frames: frames(Math.floor(120 / parseToc(kind.config << 3).frameMs)),
		}),
	);
	fc.assert(
		fc.property(cases, ({ kind, frames }) => {
			const split = splitPacket(joinFrames(kind, frames));
			expect(split?.toc).toMatchObject({ ...kind, code: 3 });
			expect(plain(split?.frames)).toEqual(plain(frames));
		}),
		{ numRuns: 300 },
	);
});

test('no bytes make it throw, and every frame it finds lies within them', () => {
	const codeThree = fc
		.tuple(fc.nat(255), fc.uint8Array({ maxLength: 400 }))
		.map(([flags, rest]) => bytes(0x4b, flags, ...rest));
	fc.assert(
		fc.property(fc.oneof(fc.uint8Array({ maxLength: 2000, size: 'max' }), codeThree), (packet) => {
			const split = splitPacket(packet);
			const total = split?.frames.reduce((sum, entry) => sum + entry.length, 0) ?? 0;
			expect(total).toBeLessThan(Math.max(1, packet.length));
			expect(split?.durationMs ?? 0).toBeLessThanOrEqual(120);
		}),
		{ numRuns: 3000 },
	);
});
