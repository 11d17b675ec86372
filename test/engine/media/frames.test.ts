import { isSharedArrayBuffer } from 'node:util/types';
import { fromEscape } from '../../../engine/audio/codec/escape';
import { isComfortNoise } from '../../../engine/audio/codec/opus';
import { loadOpusLibrary } from '../../../engine/audio/codec/opusLibrary';
import { createOpusCodec } from '../../../engine/audio/codec/opus';
import { FRAME_SAMPLES } from '../../../engine/audio/types';
import { shareFrames, silenceOf } from '../../../engine/media/frames';
import { framesOf } from './support/calls';

describe('silence', () => {
	test('of Opus is what its encoder makes of lasting silence', async () => {
		const encoder = createOpusCodec(await loadOpusLibrary()).createEncoder();
		const frames = Array.from({ length: 30 }, () => encoder.encode(new Int16Array(FRAME_SAMPLES)));
		encoder.close();
		const silence = silenceOf('opus');
		expect(frames.filter(({ comfortNoise }) => comfortNoise)).toContainEqual({
			...silence,
			payload: expect.objectContaining(silence.payload) as Uint8Array,
		});
		expect(isComfortNoise(silence.payload)).toBe(true);
	});

	test.each(['escape', 'mlow'] as const)('of %s is comfort noise', (codec) => {
		expect(fromEscape(silenceOf(codec).payload)).toEqual({ kind: 'comfortNoise' });
	});
});

describe('shared frames', () => {
	test('hold the same, once', () => {
		const frames = framesOf(5, [2]);
		const shared = shareFrames(frames);
		expect(shared).toEqual(frames);
		expect(Object.values(shared).every(({ buffer }) => isSharedArrayBuffer(buffer))).toBe(true);
		expect(shareFrames(frames)).toBe(shared);
		expect(shareFrames(shared)).toBe(shared);
	});
});
