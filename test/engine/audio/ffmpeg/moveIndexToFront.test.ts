import fc from 'fast-check';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { moveIndexToFront } from '../../../../engine/audio/ffmpeg/moveIndexToFront';

const CLIP = readFileSync(join(__dirname, '../../../support/clips/alert.m4a'));
const find = (bytes: Uint8Array, type: string) => Buffer.from(bytes).indexOf(type);

/** Offsets in the chunk table of the only track. */
function chunkOffsets(bytes: Uint8Array): number[] {
	const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
	const table = find(bytes, 'stco') + 4;
	return Array.from({ length: view.getUint32(table + 4) }, (_value, index) =>
		view.getUint32(table + 8 + index * 4),
	);
}

describe('moveIndexToFront', () => {
	test('puts the index before the media and keeps every chunk reachable', () => {
		expect(find(CLIP, 'moov')).toBeGreaterThan(find(CLIP, 'mdat'));
		const moved = moveIndexToFront(CLIP);
		expect(moved).toHaveLength(CLIP.length);
		expect(find(moved, 'moov')).toBeLessThan(find(moved, 'mdat'));
		const before = chunkOffsets(CLIP);
		const after = chunkOffsets(moved);
		expect(after.length).toBeGreaterThan(0);
		after.forEach((offset, index) => {
			const old = before[index] ?? 0;
			expect(Buffer.from(moved.subarray(offset, offset + 32))).toEqual(
				Buffer.from(CLIP.subarray(old, old + 32)),
			);
		});
	});

	test('leaves a file alone that is in order', () => {
		const moved = moveIndexToFront(CLIP);
		expect(moveIndexToFront(moved)).toBe(moved);
	});

	test('survives any bytes, and every damage to a real file', () => {
		fc.assert(
			fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
				expect(moveIndexToFront(bytes)).toHaveLength(bytes.length);
			}),
		);
		fc.assert(
			fc.property(
				fc.nat(CLIP.length - 1),
				fc.integer({ min: 0, max: 255 }),
				fc.nat(CLIP.length),
				(at, value, length) => {
					const damaged = Buffer.from(CLIP);
					damaged[at] = value;
					expect(moveIndexToFront(damaged.subarray(0, length))).toHaveLength(length);
				},
			),
			{ numRuns: 300 },
		);
	});
});
