import type { ErrorCode } from '../../../common/errors';
import type { AudioJob, JobResult } from '../job';

/** Main thread to worker. Jobs run one after the other, in the order in which they come. */
export type WorkerRequest =
	| { type: 'job'; id: number; job: AudioJob }
	| { type: 'cancel'; id: number };

/** Worker to main thread: `started` when a job's turn has come, then one of the others. */
export type WorkerAnswer =
	| { type: 'started'; id: number }
	| { type: 'done'; id: number; result: JobResult }
	| { type: 'failed'; id: number; error: PlainError };

/** A CallError as plain data; anything else has no code. */
export interface PlainError {
	code: ErrorCode | undefined;
	message: string;
	hint: string;
}
