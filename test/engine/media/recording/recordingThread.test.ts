import { join } from 'node:path';
import type { Worker } from 'node:worker_threads';
import type { AudioRecorder, RecordedPacket } from '../../../../engine/media/recorder';
import type { RecordingThread as Thread } from '../../../../engine/media/recording/recordingThread';
import { framesOf, samplesOf } from '../../audioCall/support/mlowClips';
import { findIn } from '../../audioCall/support/studio';
import { hex, audioPackets, loadCodecs, packetsOf, played } from './support';

// A worker thread needs JavaScript: `npm test` builds first.
// eslint-disable-next-line @typescript-eslint/no-require-imports -- see above
const { RecordingThread } = require(
	join(__dirname, '../../../../dist/engine/media/recording/recordingThread'),
) as { RecordingThread: new (finishLimitMs?: number) => Thread };

const TEN_MINUTES = { codec: 'mlow', atMostMs: 600_000 } as const;

function workerOf(thread: Thread): Worker | undefined {
	return (thread as unknown as { worker?: Worker }).worker;
}

function pushAll(recorder: AudioRecorder, packets: readonly RecordedPacket[]): void {
	packets.forEach((packet) => recorder.push(packet));
}

describe('the recording thread', () => {
	let thread: Thread;

	beforeEach(() => {
		thread = new RecordingThread();
	});

	test('is there only while something is recorded', async () => {
		expect(workerOf(thread)).toBeUndefined();
		const recorders = [thread.createRecorder(TEN_MINUTES), thread.createRecorder(TEN_MINUTES)];
		const worker = workerOf(thread);
		expect(worker).toBeDefined();
		expect(await recorders[0]?.finish()).toBeUndefined();
		expect(workerOf(thread)).toBe(worker);
		expect(await recorders[1]?.finish()).toBeUndefined();
		expect(workerOf(thread)).toBeUndefined();
		expect(await recorders[1]?.finish()).toBeUndefined();
	});

	test('keeps Opus as it came, in each recording its own', async () => {
		const { spoken } = await loadCodecs();
		const halves = [spoken.slice(0, 50), spoken.slice(50)];
		const recordings = halves.map((payloads) => {
			const recorder = thread.createRecorder(TEN_MINUTES);
			// As they come from the network: parts of something larger.
			const padded = payloads.map((payload) => Buffer.concat([payload, payload]));
			const parts = padded.map((both) => both.subarray(0, both.length / 2));
			pushAll(recorder, packetsOf(parts));
			return recorder.finish();
		});
		for (const [index, recording] of (await Promise.all(recordings)).entries()) {
			expect(recording?.durationMs).toBe(3_000);
			const packets = audioPackets(recording?.ogg ?? new Uint8Array());
			expect(hex(packets.slice(0, 50))).toEqual(hex(halves[index] ?? []));
		}
	});

	test('makes Opus of MLow', async () => {
		const recorder = thread.createRecorder(TEN_MINUTES);
		const frames = framesOf('s1_male_clean');
		pushAll(recorder, packetsOf(frames, { codec: 'mlow' }));
		const recording = await recorder.finish();
		expect(recording?.durationMs).toBe(frames.length * 60);
		const pcm = recording === undefined ? new Int16Array() : played(recording);
		const { at, value } = findIn(samplesOf('s1_male_clean', 'dec').subarray(0, 80_000), pcm);
		expect(value).toBeGreaterThan(0.9);
		expect(at).toBeLessThan(16);
	});

	test('that is lost takes recordings with it, and the next one begins anew', async () => {
		const recorder = thread.createRecorder(TEN_MINUTES);
		const finished = recorder.finish();
		await workerOf(thread)?.terminate();
		expect(await finished).toBeUndefined();
		pushAll(recorder, packetsOf([Uint8Array.of(0x58)]));
		const next = thread.createRecorder(TEN_MINUTES);
		pushAll(next, packetsOf([Uint8Array.of(0x58, 1, 2, 3)]));
		expect((await next.finish())?.durationMs).toBe(60);
	});

	test('that takes too long is not waited for', async () => {
		const impatient = new RecordingThread(0);
		const recorder = impatient.createRecorder(TEN_MINUTES);
		pushAll(recorder, packetsOf([Uint8Array.of(0x58, 1, 2, 3)]));
		expect(await recorder.finish()).toBeUndefined();
		expect(workerOf(impatient)).toBeUndefined();
	});
});
