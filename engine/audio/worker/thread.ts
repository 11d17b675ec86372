import { parentPort, type TransferListItem } from 'node:worker_threads';
import { CallError } from '../../../common/errors';
import { conversionCancelled } from '../cancelled';
import { AudioWorkshop, type JobResult } from '../job';
import type { PlainError, WorkerAnswer, WorkerRequest } from './messages';

/** The worker thread: takes jobs by message and does them one after the other. */

const workshop = new AudioWorkshop();
const running = new Map<number, AbortController>();
let last: Promise<void> = Promise.resolve();

parentPort?.on('message', (request: WorkerRequest) => {
	if (request.type === 'cancel') {
		running.get(request.id)?.abort();
		return;
	}
	const stop = new AbortController();
	running.set(request.id, stop);
	last = last.then(async () => await work(request, stop.signal));
});

async function work(
	{ id, job }: Extract<WorkerRequest, { type: 'job' }>,
	signal: AbortSignal,
): Promise<void> {
	try {
		if (signal.aborted) {
			throw conversionCancelled();
		}
		answer({ type: 'started', id }, []);
		const result = await workshop.run(job, signal);
		answer({ type: 'done', id, result }, buffersOf(result));
	} catch (error) {
		answer({ type: 'failed', id, error: plain(error) }, []);
	} finally {
		running.delete(id);
	}
}

function answer(message: WorkerAnswer, transfer: TransferListItem[]): void {
	parentPort?.postMessage(message, transfer);
}

/** What crosses without being copied. */
function buffersOf(result: JobResult): ArrayBuffer[] {
	return result.kind === 'call' ? [result.pcm.buffer as ArrayBuffer] : [];
}

function plain(error: unknown): PlainError {
	return error instanceof CallError
		? { code: error.code, message: error.message, hint: error.hint }
		: { code: undefined, message: error instanceof Error ? error.message : 'unknown', hint: '' };
}
