import { join } from 'node:path';
import * as mlowCodec from '../../../engine/audio/codec/mlow';
import { AudioWorkshop, type AudioJob, type CallResult } from '../../../engine/audio/job';
import type { CallCodecName, FrameEncoder } from '../../../engine/audio/types';
import { CLIPS, clip, ffmpeg } from './support';

const MLOW_SPEECH = 0x50;
const OPUS_SPEECH = 0x58;
/** For a frame. */
const SLOW_ENCODER_MS = 3;

const workshop = new AudioWorkshop();
const settings = { normaliseLoudness: true, trimSilence: false, maximumSeconds: 600 };

function callWith(codec: CallCodecName, bytes: Uint8Array): AudioJob {
	return { kind: 'call', codec, bytes, format: 'mp3', ...settings };
}

/** First bytes of the packets that are not comfort noise. */
function firstBytes({ payloads, payloadBytes, comfortNoise }: CallResult): Set<number> {
	const first = new Set<number>();
	let at = 0;
	payloadBytes.forEach((bytes, index) => {
		if (comfortNoise[index] === 0) {
			first.add(payloads[at] ?? 0);
		}
		at += bytes;
	});
	return first;
}

test('the same recording becomes packets of the codec that was asked for', async () => {
	const { signal } = new AbortController();
	const bytes = clip('alert.mp3');
	const [mlow, opus] = await Promise.all([
		workshop.run(callWith('mlow', bytes), signal) as Promise<CallResult>,
		workshop.run(callWith('opus', bytes), signal) as Promise<CallResult>,
	]);
	expect([...firstBytes(mlow)]).toEqual([MLOW_SPEECH]);
	expect([...firstBytes(opus)]).toEqual([OPUS_SPEECH]);
	expect(mlow.payloadBytes).toHaveLength(opus.payloadBytes.length);
	expect(mlow.pcm).toEqual(opus.pcm);
	expect(mlow.durationSeconds).toBe(opus.durationSeconds);
});

test('a cancellation reaches an encoder as slow as MLow while it works', async () => {
	const long = ffmpeg('-stream_loop', '4', '-i', join(CLIPS, 'alert.mp3'), '-f', 'mp3', '-');
	const stop = new AbortController();
	let encoded = 0;
	const encoder: FrameEncoder = {
		encode: () => {
			// Only in a breath of the workshop does the event loop come to this.
			setImmediate(() => stop.abort());
			encoded += 1;
			const end = performance.now() + SLOW_ENCODER_MS;
			while (performance.now() < end);
			return { payload: Uint8Array.of(MLOW_SPEECH), comfortNoise: false };
		},
		reset: () => {},
		close: () => {},
	};
	jest
		.spyOn(mlowCodec, 'createMlowCodec')
		.mockReturnValue({ ...mlowCodec.createMlowCodec(), createEncoder: () => encoder });
	const job = workshop.run(callWith('mlow', long), stop.signal);
	await expect(job).rejects.toMatchObject({ code: 'CANCELLED' });
	expect(encoded).toBeGreaterThan(0);
	expect(encoded * SLOW_ENCODER_MS).toBeLessThan(200);
});
