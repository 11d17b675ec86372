import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../../common/clock';
import { CallError, ERRORS } from '../../common/errors';
import { writeAtomically } from './atomicFile';
import { errorCodeOf } from './nodeErrors';
import type { LastError, SessionLogger } from './sessionTypes';

const LAST_ERROR_FILE = 'last-error.json';

/** Remembers what went wrong last with a session; what ended it, for later processes too. */
export class ErrorMemory {
	private latest: LastError | undefined;
	private writing = Promise.resolve();

	constructor(
		private readonly name: string,
		private readonly folder: () => string,
		private readonly clock: Clock,
		private readonly logger: SessionLogger,
	) {}

	/** Remembers it in this process, and logs it. */
	note(error: unknown): void {
		if (error instanceof CallError) {
			const { code, message } = error;
			this.latest = { code, message, at: new Date(this.clock.now()).toISOString() };
			this.logger.warn(`Session ${this.name}: ${message}`, { code });
		} else {
			this.logger.warn(`Session ${this.name}: ${errorCodeOf(error)}`);
		}
	}

	/** Writes the latest into the folder. What cannot be written is forgotten with the process. */
	keep(): Promise<void> {
		const text = JSON.stringify(this.latest);
		return this.enqueue(() => writeAtomically(this.path, text));
	}

	forget(): Promise<void> {
		this.latest = undefined;
		return this.enqueue(() => rm(this.path, { force: true }));
	}

	/** Waits for what is being written. */
	settle(): Promise<void> {
		return this.writing;
	}

	private enqueue(work: () => Promise<void>): Promise<void> {
		this.writing = this.writing.then(work).catch(() => undefined);
		return this.writing;
	}

	async last(): Promise<LastError | undefined> {
		return this.latest ?? readLastError(this.path);
	}

	private get path(): string {
		return join(this.folder(), LAST_ERROR_FILE);
	}
}

async function readLastError(path: string): Promise<LastError | undefined> {
	try {
		const { code, message, at } = JSON.parse(await readFile(path, 'utf8')) as Partial<LastError>;
		return code !== undefined && code in ERRORS && message !== undefined && at !== undefined
			? { code, message, at }
			: undefined;
	} catch {
		return undefined;
	}
}
