import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { RelayEndpoint } from '../relay';
import { shareFrames } from './frames';
import type { PacingReport } from './lateness';
import { emptySummary } from './mediaWorkshop';
import type { MediaAnswer, MediaCall } from './messages';
import type { ThreadAnswer, ThreadRequest } from './threadMessages';

/** Large enough for what 150 calls throw away in a moment: nothing of it lives long. */
const YOUNG_GENERATION_MB = 24;
/** How long calls under way may take to say goodbye to their relays. */
const CLOSE_LIMIT_MS = 1500;

/** The media of a call under way. What comes after their end is ignored. */
export interface MediaHandle {
	addRelays(endpoints: readonly RelayEndpoint[]): void;
	/** This device answered. */
	rekey(device: string): void;
	peerSpeaksMlow(mlow: boolean): void;
	/** Answered and connected: say what there is to say. */
	play(): void;
	/** `stopped` follows. */
	stop(): void;
}

interface RunningCall {
	call: MediaCall;
	tell: (answer: MediaAnswer) => void;
}

/**
 * The worker thread that carries the media of all calls of the process, so that nothing which
 * happens in n8n's event loop is heard. It starts with the first call, and keeps the process alive
 * only while calls are under way.
 */
export class MediaThread {
	private worker: Worker | undefined;
	private readonly running = new Map<number, RunningCall>();
	private readonly reports = new Map<number, (report: PacingReport | undefined) => void>();
	private nextId = 1;
	private closing: Promise<void> | undefined;
	private allStopped: () => void = () => undefined;

	/**
	 * Begins a call's media. It ends with a `stopped` in any case, also when the thread is lost.
	 *
	 * @param tell must not throw; nothing is told before this has returned
	 */
	readonly start = (call: MediaCall, tell: (answer: MediaAnswer) => void): MediaHandle => {
		const id = this.nextId++;
		this.running.set(id, { call, tell });
		try {
			this.requireWorker().ref();
			const plan = { ...call.plan, frames: shareFrames(call.plan.frames) };
			const { opusFrames } = call;
			const shared = opusFrames && { opusFrames: shareFrames(opusFrames) };
			this.send({ type: 'start', id, call: { ...call, plan, ...shared } });
		} catch (error) {
			const reason = error instanceof Error ? error.message : 'unknown';
			queueMicrotask(() => this.drop(id, `the media thread could not be started: ${reason}`));
		}
		return {
			addRelays: (endpoints) => this.sendAbout(id, { type: 'relays', id, endpoints }),
			rekey: (device) => this.sendAbout(id, { type: 'rekey', id, device }),
			peerSpeaksMlow: (mlow) => this.sendAbout(id, { type: 'peerSpeaksMlow', id, mlow }),
			play: () => this.sendAbout(id, { type: 'play', id }),
			stop: () => this.sendAbout(id, { type: 'stop', id }),
		};
	};

	/** How punctual the packets of all calls were since it was last asked; undefined without a thread. */
	async pacing(): Promise<PacingReport | undefined> {
		if (this.worker === undefined) {
			return undefined;
		}
		const id = this.nextId++;
		return await new Promise((resolve) => {
			this.reports.set(id, resolve);
			this.send({ type: 'reportPacing', id });
		});
	}

	/** Stops the media of all calls, then the thread. Twice is fine; never rejects. */
	async close(): Promise<void> {
		await (this.closing ??= this.end());
	}

	private requireWorker(): Worker {
		if (this.closing !== undefined) {
			throw new Error('it is closed');
		}
		if (this.worker === undefined) {
			const worker = new Worker(join(__dirname, 'thread.js'), {
				resourceLimits: { maxYoungGenerationSizeMb: YOUNG_GENERATION_MB },
				name: 'whatsapp-call-media',
			});
			worker.on('message', (answer: ThreadAnswer) => this.take(answer));
			// Out of memory, or a fault of the package: whoever waits is told, the next call starts anew.
			worker.on('error', (error: unknown) => this.lose(worker, error));
			worker.on('messageerror', (error) => this.lose(worker, error));
			worker.on('exit', () => this.lose(worker, undefined));
			this.worker = worker;
		}
		return this.worker;
	}

	private send(request: ThreadRequest): void {
		this.worker?.postMessage(request);
	}

	private sendAbout(id: number, request: ThreadRequest): void {
		if (this.running.has(id)) {
			this.send(request);
		}
	}

	private take(answer: ThreadAnswer): void {
		if (answer.type === 'pacing') {
			this.reports.get(answer.id)?.(answer.report);
			this.reports.delete(answer.id);
			return;
		}
		const call = this.running.get(answer.id);
		if (answer.type === 'stopped') {
			this.forget(answer.id);
		}
		call?.tell(answer);
	}

	private forget(id: number): void {
		this.running.delete(id);
		if (this.running.size === 0) {
			this.worker?.unref();
			this.allStopped();
		}
	}

	private drop(id: number, reason: string): void {
		const dropped = this.running.get(id);
		if (dropped !== undefined) {
			this.forget(id);
			dropped.tell({ type: 'relayFailed', id, reason });
			dropped.tell({ type: 'stopped', id, summary: emptySummary(dropped.call) });
		}
	}

	private lose(worker: Worker, error: unknown): void {
		if (this.worker !== worker) {
			return;
		}
		this.worker = undefined;
		void worker.terminate();
		const reason = error instanceof Error ? error.message : 'it ended';
		this.abandonAll(`the media thread is lost: ${reason}`);
	}

	private abandonAll(reason: string): void {
		for (const id of [...this.running.keys()]) {
			this.drop(id, reason);
		}
		for (const resolve of this.reports.values()) {
			resolve(undefined);
		}
		this.reports.clear();
	}

	private async end(): Promise<void> {
		if (this.running.size > 0) {
			await new Promise<void>((resolve) => {
				const timer = setTimeout(resolve, CLOSE_LIMIT_MS);
				this.allStopped = () => {
					clearTimeout(timer);
					resolve();
				};
				for (const id of this.running.keys()) {
					this.send({ type: 'stop', id });
				}
			});
		}
		const { worker } = this;
		this.worker = undefined;
		await worker?.terminate();
		this.abandonAll('the media thread is closed');
	}
}
