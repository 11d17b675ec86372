import { constants } from 'node:fs';
import { copyFile, open, readFile, type FileHandle } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { syncFolder, writeAtomically } from './atomicFile';
import {
	decodeEntry,
	decodeFrame,
	encodeEntry,
	encodeFrame,
	FILE_HEADER,
	scanFrames,
	type Scan,
} from './keyFrames';
import { errorCodeOf } from './nodeErrors';
import type { Box } from './secretBox';

/** Space of outdated entries from which the log is written anew, when it is also half of the log. */
const WASTE_BYTES = 1024 * 1024;
const PURPOSE = 'keys';

/** One change: a value, or undefined to remove the key. */
export type KeyChange = readonly [key: string, value: Uint8Array | undefined];

export interface KeyLogOptions {
	path: string;
	box: Box;
	now: () => number;
	/** Keys whose older value does harm: forgotten when a newer one may have been in a damaged place. */
	isPerishable: (key: string) => boolean;
	/** Told when something cannot be read; the sentence names the file. */
	onDamage: (sentence: string) => void;
}

interface Place {
	start: number;
	length: number;
}

/**
 * Keys and values in one file to which changes are appended.
 *
 * A log rather than a file per key: what is written together is there together or not at all after
 * any end of the process, without a journal; it costs one fsync where files cost two each (a fresh
 * session has 812 prekeys, a call to four devices changes four sessions); and no file name tells
 * whom the session called. Values stay on disk and are read when they are asked for.
 *
 * One caller at a time for `append` and `close`; `read` whenever one likes.
 */
export class KeyLog {
	/** Doubled when the log could not be written anew. */
	private patience = 1;

	private constructor(
		private readonly options: KeyLogOptions,
		private file: FileHandle,
		private size: number,
		private readonly places: Map<string, Place>,
	) {}

	/**
	 * Opens the log or makes an empty one. An unfinished end is cut off. When the middle is damaged,
	 * a copy is kept as `….corrupt-<time>` and the rest is used.
	 */
	static async open(options: KeyLogOptions): Promise<KeyLog> {
		const { path, box } = options;
		const content = await readOrUndefined(path);
		if (content === undefined || !content.subarray(0, FILE_HEADER.length).equals(FILE_HEADER)) {
			if (content !== undefined && content.length > 0) {
				await keepCopy(options);
			}
			await writeAtomically(path, FILE_HEADER);
			return new KeyLog(options, await openFile(path), FILE_HEADER.length, new Map());
		}
		const scan = scanFrames(content);
		const { places, end, damaged } = replay(scan, box, options.isPerishable);
		if (damaged) {
			await keepCopy(options);
		}
		const log = new KeyLog(options, await openFile(path), end, places);
		try {
			if (damaged || log.isWasteful()) {
				await log.compact();
			} else if (end < content.length) {
				await log.file.truncate(end);
			}
		} catch (error) {
			await log.close();
			throw error;
		}
		return log;
	}

	get keys(): Iterable<string> {
		return this.places.keys();
	}

	/** The value of a key; undefined when there is none or it cannot be read any more. */
	async read(key: string): Promise<Buffer | undefined> {
		const place = this.places.get(key);
		if (place === undefined) {
			return undefined;
		}
		const bytes = Buffer.alloc(place.length);
		await this.file.read(bytes, 0, place.length, place.start);
		try {
			const frame = decodeFrame(bytes, 0);
			if (frame !== undefined) {
				const entry = decodeEntry(this.options.box.open(frame.payload, PURPOSE));
				if (entry.key === key) {
					return entry.value;
				}
			}
		} catch {
			// Told below, as any other damage.
		}
		if (this.places.get(key) === place) {
			this.places.delete(key);
		}
		this.options.onDamage(`An entry of ${basename(this.options.path)} cannot be read any more`);
		return undefined;
	}

	/**
	 * Writes several batches, each of which is there as a whole or not at all whenever the process
	 * ends. Resolves when they are on the disk.
	 */
	async append(batches: ReadonlyArray<readonly KeyChange[]>): Promise<void> {
		const chunks: Buffer[] = [];
		const changed: Array<readonly [string, Place | undefined]> = [];
		let end = this.size;
		for (const batch of batches) {
			for (const [index, [key, value]] of batch.entries()) {
				const sealed = this.options.box.seal(encodeEntry(key, value ?? new Uint8Array()), PURPOSE);
				const frame = encodeFrame(sealed, {
					removes: value === undefined,
					commits: index === batch.length - 1,
				});
				chunks.push(frame);
				changed.push([key, value === undefined ? undefined : { start: end, length: frame.length }]);
				end += frame.length;
			}
		}
		if (chunks.length === 0) {
			return;
		}
		try {
			await writeAll(this.file, Buffer.concat(chunks), this.size);
			await this.file.datasync();
		} catch (error) {
			// Half a batch must not stand before the next one.
			await this.file.truncate(this.size).catch(() => undefined);
			throw error;
		}
		this.size = end;
		for (const [key, place] of changed) {
			if (place === undefined) {
				this.places.delete(key);
			} else {
				this.places.set(key, place);
			}
		}
		if (this.isWasteful()) {
			// What was asked for is written: a full disk is no failure of it.
			await this.compact().catch(() => (this.patience *= 2));
		}
	}

	async close(): Promise<void> {
		await this.file.close();
	}

	private isWasteful(): boolean {
		let used = FILE_HEADER.length;
		if (this.size - used < WASTE_BYTES) {
			return false;
		}
		for (const { length } of this.places.values()) {
			used += length;
		}
		return this.size - used > Math.max(WASTE_BYTES * this.patience, this.size / 2);
	}

	/** Writes what counts into a new file and goes on with that. */
	private async compact(): Promise<void> {
		const { path } = this.options;
		const old = await readFile(path);
		const chunks: Buffer[] = [FILE_HEADER];
		const moved: Array<readonly [string, Place]> = [];
		let end = FILE_HEADER.length;
		for (const [key, { start }] of this.places) {
			const frame = decodeFrame(old, start);
			if (frame !== undefined) {
				const copy = encodeFrame(frame.payload, { removes: false, commits: true });
				chunks.push(copy);
				moved.push([key, { start: end, length: copy.length }]);
				end += copy.length;
			}
		}
		await writeAtomically(path, Buffer.concat(chunks));
		const outdated = this.file;
		try {
			this.file = await openFile(path);
		} catch (error) {
			// The old file has no name any more: better no log than one that is lost.
			await outdated.close();
			throw error;
		}
		this.size = end;
		this.places.clear();
		for (const [key, place] of moved) {
			this.places.set(key, place);
		}
		// Waits for reads that are under way.
		await outdated.close();
	}
}

interface Replayed {
	places: Map<string, Place>;
	end: number;
	damaged: boolean;
}

function replay(scan: Scan, box: Box, isPerishable: (key: string) => boolean): Replayed {
	const places = new Map<string, Place>();
	let pending: Array<readonly [string, Place | undefined]> = [];
	let end = FILE_HEADER.length;
	let damaged = scan.gaps.length > 0;
	const gaps = new Set(scan.gaps);
	const forgetPerishable = (): void => {
		damaged = true;
		pending = pending.filter(([key]) => !isPerishable(key));
		for (const key of places.keys()) {
			if (isPerishable(key)) {
				places.delete(key);
			}
		}
	};
	for (const [index, frame] of scan.frames.entries()) {
		if (gaps.has(index)) {
			forgetPerishable();
		}
		try {
			const { key } = decodeEntry(box.open(frame.payload, PURPOSE));
			const place = { start: frame.start, length: frame.end - frame.start };
			pending.push([key, frame.removes ? undefined : place]);
		} catch {
			forgetPerishable();
		}
		if (frame.commits) {
			for (const [key, place] of pending) {
				if (place === undefined) {
					places.delete(key);
				} else {
					places.set(key, place);
				}
			}
			pending = [];
			end = frame.end;
		}
	}
	return { places, end, damaged };
}

async function keepCopy({ path, now, onDamage }: KeyLogOptions): Promise<void> {
	const copy = `${path}.corrupt-${new Date(now()).toISOString().replace(/[:.]/g, '-')}`;
	await copyFile(path, copy, constants.COPYFILE_FICLONE);
	await syncFolder(dirname(path));
	onDamage(
		`${basename(path)} was damaged; a copy was kept as ${basename(copy)}, and what could be read is used`,
	);
}

async function openFile(path: string): Promise<FileHandle> {
	return open(path, 'r+');
}

async function readOrUndefined(path: string): Promise<Buffer | undefined> {
	try {
		return await readFile(path);
	} catch (error) {
		if (errorCodeOf(error) === 'ENOENT') {
			return undefined;
		}
		throw error;
	}
}

async function writeAll(file: FileHandle, bytes: Buffer, position: number): Promise<void> {
	let written = 0;
	while (written < bytes.length) {
		const { bytesWritten } = await file.write(
			bytes,
			written,
			bytes.length - written,
			position + written,
		);
		written += bytesWritten;
	}
}
