import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CallError } from '../../common/errors';
import { writeAtomically } from '../../engine';

const FILE = 'instances.json';
const FORMAT = 1;

/** How an instance's event channel is configured. */
export interface WebSocketConfig {
	enabled: boolean;
	/** Empty: all types. */
	events: string[];
	/** Kept for whoever reads it back; no event of ours carries media. */
	mediaBase64: boolean;
}

/** An instance as it is kept. Its token is readable, since events carry it: the file is its owner's only. */
export interface StoredInstance {
	name: string;
	token: string;
	/** ISO 8601, UTC. */
	createdAt: string;
	/** Logged out on purpose, and not linked since. */
	loggedOut?: boolean;
	webSocket?: WebSocketConfig;
}

/** `instances.json` of the data folder, written atomically. */
export class InstanceFile {
	private readonly path: string;

	constructor(data: string) {
		this.path = join(data, FILE);
	}

	/**
	 * What was kept; nothing when there is no file yet.
	 *
	 * @throws CallError SESSION_UNREADABLE: nothing is started over a file that may be mended
	 */
	async read(): Promise<StoredInstance[]> {
		try {
			const kept: unknown = JSON.parse(await readFile(this.path, 'utf8'));
			const { format, instances } = kept as { format?: unknown; instances?: unknown };
			if (format === FORMAT && Array.isArray(instances) && instances.every(isStored)) {
				return instances;
			}
			throw this.unreadable('it has another form');
		} catch (error) {
			const { code, name } = error as NodeJS.ErrnoException;
			if (code === 'ENOENT') {
				return [];
			}
			throw error instanceof CallError ? error : this.unreadable(code ?? name);
		}
	}

	/** @throws CallError SESSION_UNREADABLE: the old content stays */
	async write(instances: readonly StoredInstance[]): Promise<void> {
		const text = `${JSON.stringify({ format: FORMAT, instances }, undefined, '\t')}\n`;
		try {
			await writeAtomically(this.path, text);
		} catch (error) {
			const { code = 'unknown' } = error as NodeJS.ErrnoException;
			throw new CallError('SESSION_UNREADABLE', `${FILE} cannot be written (${code})`, {
				hint: 'The user that the server runs as must be able to write to its data folder, and the disk must have room.',
			});
		}
	}

	private unreadable(why: string): CallError {
		return new CallError('SESSION_UNREADABLE', `${this.path} cannot be read (${why})`, {
			hint: 'Mend the file, or move it away: the sessions stay where they are, but their instances must be made again.',
		});
	}
}

function isStored(value: unknown): value is StoredInstance {
	if (typeof value !== 'object' || value === null) {
		return false;
	}
	const { name, token } = value as Record<string, unknown>;
	return typeof name === 'string' && typeof token === 'string' && token !== '';
}
