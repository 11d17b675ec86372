import { setTimeout as sleep } from 'node:timers/promises';
import {
	type MediaCall,
	type MediaHandle,
	MediaThread,
	type PackedFrames,
	type PacingReport,
} from '../engine/media';
import { Load, serve, sharedNowMs } from './mediaProcess';

/** What tells one call from another. */
export type BenchCall = Pick<
	MediaCall,
	| 'callId'
	| 'callKey'
	| 'endpoints'
	| 'ownDevice'
	| 'peer'
	| 'relayFingerprint'
	| 'relayKey'
	| 'tagBytes'
>;

/** What a stretch of time was like. */
export interface ProbeReport {
	/** Processor time, as the share of one core. */
	load: number;
	seconds: number;
	residentMb: number;
	pacing: PacingReport;
}

const BYTES_PER_MEGABYTE = 1024 * 1024;
const BETWEEN_STARTS_MS = 10;
/** Spreads the answers of calls over their 60 ms. */
const BETWEEN_PLAYS_MS = 7;
const RECORDING_FRAMES = 1000;
/** Longer than any measurement. */
const ROUNDS = 1000;

/** The process that is measured: a media thread and nothing else. */
class MediaProbe {
	private readonly thread = new MediaThread();
	private readonly handles: MediaHandle[] = [];
	private readonly load = new Load();
	private readonly frames = speech();
	private failure: string | undefined;
	private sinceMs = 0;

	/** Begins calls; done when a relay serves each of them. */
	async start(calls: readonly BenchCall[]): Promise<void> {
		const ready: Promise<void>[] = [];
		for (const call of calls) {
			ready.push(this.begin(call));
			await sleep(BETWEEN_STARTS_MS);
		}
		await Promise.all(ready);
	}

	/** All calls are answered; when, on the shared clock. */
	async play(): Promise<number[]> {
		const atMs: number[] = [];
		for (const handle of this.handles) {
			atMs.push(sharedNowMs());
			handle.play();
			await sleep(BETWEEN_PLAYS_MS);
		}
		return atMs;
	}

	async reset(): Promise<void> {
		await this.thread.pacing();
		this.load.reset();
		this.sinceMs = performance.now();
	}

	async report(): Promise<ProbeReport> {
		const load = this.load.share;
		const seconds = (performance.now() - this.sinceMs) / 1000;
		const pacing = await this.thread.pacing();
		if (pacing === undefined || this.failure !== undefined) {
			throw new Error(this.failure ?? 'There is no thread');
		}
		const residentMb = process.memoryUsage().rss / BYTES_PER_MEGABYTE;
		return { load, seconds, residentMb, pacing };
	}

	private begin(call: BenchCall): Promise<void> {
		const { frames } = this;
		const plan = { frames, repeat: ROUNDS, pauseBetweenRepeatsMs: 0, stayMs: 0 };
		return new Promise((resolve, reject) => {
			const handle = this.thread.start(
				{ ...call, peerDevices: [call.peer], codec: 'opus', plan },
				(answer) => {
					if (answer.type === 'relayReady') {
						resolve();
					} else if (answer.type === 'relayFailed') {
						this.failure = answer.reason;
						reject(new Error(answer.reason));
					}
				},
			);
			this.handles.push(handle);
		});
	}
}

/** Packets of the sizes of speech at 24 kbit/s. */
function speech(): PackedFrames {
	const sizes = Array.from({ length: RECORDING_FRAMES }, (_, frame) => 120 + ((frame * 37) % 120));
	const bytes = sizes.reduce((sum, size) => sum + size, 0);
	return {
		payloads: new Uint8Array(bytes).fill(0x58),
		payloadBytes: Uint16Array.from(sizes),
		comfortNoise: new Uint8Array(RECORDING_FRAMES),
	};
}

const probe = new MediaProbe();

serve({
	start: (calls: readonly BenchCall[]) => probe.start(calls),
	play: () => probe.play(),
	reset: () => probe.reset(),
	report: () => probe.report(),
});
