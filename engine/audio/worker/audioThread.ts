import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { CallError } from '../../../common/errors';
import { conversionCancelled } from '../cancelled';
import type { AudioJob, JobResult } from '../job';
import type { PlainError, WorkerAnswer, WorkerRequest } from './messages';

/**
 * A hostile file may keep a decoder busy for ever: then the thread is ended, and the next job gets
 * a new one. Ten minutes of MLow take 20 s here, and a small computer ten times as long.
 */
const DEFAULT_TIME_LIMIT_MS = 300_000;
/** Of JavaScript objects in the thread; samples and WebAssembly memory lie outside. */
const MAXIMUM_HEAP_MB = 256;

interface Pending {
	resolve(result: JobResult): void;
	reject(error: CallError): void;
	/** Runs from the moment the job's turn has come. */
	timer?: NodeJS.Timeout;
}

/**
 * The worker thread in which audio is converted, so that n8n's event loop stays free. It starts
 * with the first job and never keeps the process alive by itself.
 */
export class AudioThread {
	private worker: Worker | undefined;
	private readonly pending = new Map<number, Pending>();
	private nextId = 1;
	private closed = false;

	constructor(private readonly timeLimitMs = DEFAULT_TIME_LIMIT_MS) {}

	/** @throws CallError as the job does, AUDIO_UNREADABLE when the thread ends over it, CANCELLED */
	async run(job: AudioJob, signal?: AbortSignal): Promise<JobResult> {
		if (this.closed || signal?.aborted === true) {
			throw conversionCancelled();
		}
		const id = this.nextId++;
		const worker = this.start();
		const cancel = () => this.send({ type: 'cancel', id });
		signal?.addEventListener('abort', cancel, { once: true });
		try {
			return await new Promise<JobResult>((resolve, reject) => {
				this.pending.set(id, { resolve, reject });
				worker.ref();
				this.send({ type: 'job', id, job });
			});
		} finally {
			signal?.removeEventListener('abort', cancel);
		}
	}

	/** Ends the thread; jobs under way are cancelled. Twice is fine. */
	async close(): Promise<void> {
		this.closed = true;
		this.failAll(conversionCancelled());
		await this.stop();
	}

	private start(): Worker {
		if (this.worker === undefined) {
			const worker = new Worker(join(__dirname, 'thread.js'), {
				resourceLimits: { maxOldGenerationSizeMb: MAXIMUM_HEAP_MB },
				name: 'whatsapp-call-audio',
			});
			worker.on('message', (answer: WorkerAnswer) => this.settle(answer));
			// Out of memory, or a fault in a decoder: whoever waits is told, the next job starts anew.
			worker.on('error', () => this.lost(worker));
			worker.on('exit', () => this.lost(worker));
			this.worker = worker;
		}
		return this.worker;
	}

	private send(request: WorkerRequest): void {
		this.worker?.postMessage(request);
	}

	private settle(answer: WorkerAnswer): void {
		if (answer.type === 'started') {
			const started = this.pending.get(answer.id);
			if (started !== undefined) {
				started.timer = setTimeout(() => void this.restart(), this.timeLimitMs);
			}
			return;
		}
		const waiting = this.take(answer.id);
		if (answer.type === 'done') {
			waiting?.resolve(answer.result);
		} else {
			waiting?.reject(revived(answer.error));
		}
	}

	private take(id: number): Pending | undefined {
		const waiting = this.pending.get(id);
		clearTimeout(waiting?.timer);
		this.pending.delete(id);
		if (this.pending.size === 0) {
			this.worker?.unref();
		}
		return waiting;
	}

	private lost(worker: Worker): void {
		if (this.worker !== worker) {
			return;
		}
		this.worker = undefined;
		this.failAll(
			new CallError('AUDIO_UNREADABLE', 'The audio could not be converted: its decoder gave up'),
		);
	}

	private async restart(): Promise<void> {
		const stopped = this.stop();
		this.failAll(new CallError('AUDIO_UNREADABLE', 'The conversion of the audio took too long'));
		await stopped;
	}

	private async stop(): Promise<void> {
		const { worker } = this;
		this.worker = undefined;
		await worker?.terminate();
	}

	private failAll(error: CallError): void {
		for (const id of [...this.pending.keys()]) {
			this.take(id)?.reject(error);
		}
	}
}

function revived({ code, message, hint }: PlainError): CallError {
	return code === undefined
		? new CallError('AUDIO_UNREADABLE', 'The audio could not be converted', {
				hint: `This is a fault of the package itself. Please report it: ${message}`,
			})
		: new CallError(code, message, { hint });
}
