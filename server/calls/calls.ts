import { LRUCache } from 'lru-cache';
import type { Clock } from '../../common/clock';
import { CallError } from '../../common/errors';
import type { CallReport } from '../../common/report';
import type { AudioCallResult, CallProgress } from '../../engine';
import { Refusal } from '../refusal';
import { CallRecord, isoTime, type CallSubject } from './callRecord';

const DAY_MS = 86_400_000;
const MOST_RECORDS = 100_000;
/** What recipients said is kept in memory only; the oldest goes when there is more. */
const RECORDINGS_BYTES = 256 * 1024 * 1024;

/** What the engine is given with each call. */
export interface CallHooks {
	signal: AbortSignal;
	onProgress: (progress: CallProgress) => void;
}

/** Told what becomes known of calls. Must not throw. */
export interface CallWatcher {
	progressed(record: CallRecord, progress: CallProgress): void;
	/** With a report, also for a call that broke after it was placed. */
	ended(record: CallRecord, report: CallReport): void;
	/** It never reached anybody. */
	failed(subject: CallSubject, error: unknown): void;
}

/** A call that was asked for. Neither promise has to be looked at. */
export interface RunningCall {
	/** Resolves with what is known of it when WhatsApp has acknowledged it; rejects when it is not placed. */
	placed: Promise<CallRecord>;
	/** Resolves with the whole report when it has ended. */
	ended: Promise<CallRecord>;
	/** Gives it up, unless it is placed already. */
	cancelUnlessPlaced(): void;
}

/** All calls of the last day. */
export class Calls {
	private readonly records = new LRUCache<string, CallRecord>({
		max: MOST_RECORDS,
		ttl: DAY_MS,
	});
	private readonly recordings = new LRUCache<string, Uint8Array>({
		maxSize: RECORDINGS_BYTES,
		sizeCalculation: ({ byteLength }) => Math.max(1, byteLength),
		ttl: DAY_MS,
		// They do not stay until somebody asks.
		ttlAutopurge: true,
	});
	private readonly running = new Map<
		Promise<unknown>,
		{ instance: string; stop: AbortController }
	>();
	private closing = false;

	constructor(
		private readonly watcher: CallWatcher,
		private readonly clock: Clock,
	) {}

	/** @throws Refusal 503 when the server shuts down */
	start(subject: CallSubject, run: (hooks: CallHooks) => Promise<AudioCallResult>): RunningCall {
		if (this.closing) {
			throw new Refusal(503, 'The server is shutting down');
		}
		const stop = new AbortController();
		let record: CallRecord | undefined;
		let tellPlaced: (record: CallRecord) => void = () => undefined;
		const acknowledged = new Promise<CallRecord>((resolve) => (tellPlaced = resolve));
		const onProgress = (progress: CallProgress): void => {
			record ??= this.add(subject, progress.callId);
			record.take(progress);
			this.watcher.progressed(record, progress);
			tellPlaced(record);
		};
		const ended = run({ signal: stop.signal, onProgress }).then(
			(result) => this.end(record, subject, result),
			(error: unknown) => this.fail(record, subject, error),
		);
		const placed = Promise.race([acknowledged, ended]);
		placed.catch(() => undefined);
		this.running.set(ended, { instance: subject.instance, stop });
		ended.catch(() => undefined).finally(() => this.running.delete(ended));
		const cancelUnlessPlaced = (): void => (record === undefined ? stop.abort() : undefined);
		return { placed, ended, cancelUnlessPlaced };
	}

	/** @throws Refusal 404 */
	find(instance: string, callId: string): CallRecord {
		const record = this.records.get(keyOf(instance, callId));
		if (record === undefined) {
			throw new Refusal(404, 'call not found');
		}
		return record;
	}

	/** What the recipient said, an OGG/Opus file. @throws Refusal 404 */
	recording(instance: string, callId: string): Uint8Array {
		this.find(instance, callId);
		const recording = this.recordings.get(keyOf(instance, callId));
		if (recording === undefined) {
			throw new Refusal(404, 'recording not found', {
				hint: 'Ask for one with recordRecipient. It is there when the call has ended and the recipient has said something.',
			});
		}
		return recording;
	}

	/** Hangs up what an instance has, and waits until it is done. */
	async hangUp(instance: string): Promise<void> {
		await this.stop(([, call]) => call.instance === instance);
	}

	/** For an instance that is gone: another one may get its name. */
	forget(instance: string): void {
		for (const kept of [this.records, this.recordings]) {
			for (const key of [...kept.keys()].filter((one) => one.startsWith(keyOf(instance, '')))) {
				kept.delete(key);
			}
		}
	}

	/** Hangs up all, takes no more, and waits until it is done. */
	async close(): Promise<void> {
		this.closing = true;
		await this.stop(() => true);
	}

	private async stop(
		isMeant: (entry: [Promise<unknown>, { instance: string }]) => boolean,
	): Promise<void> {
		const meant = [...this.running].filter(isMeant);
		meant.forEach(([, { stop }]) => stop.abort());
		await Promise.allSettled(meant.map(([ended]) => ended));
	}

	private add(subject: CallSubject, callId: string): CallRecord {
		const record = new CallRecord(subject, callId);
		this.records.set(keyOf(subject.instance, callId), record);
		return record;
	}

	private end(
		known: CallRecord | undefined,
		subject: CallSubject,
		{ report, recording }: AudioCallResult,
	): CallRecord {
		const record = known ?? this.add(subject, report.callId ?? 'unknown');
		const { instance } = subject;
		let whole = report;
		if (recording !== undefined) {
			const key = keyOf(instance, record.callId);
			this.recordings.set(key, recording.ogg);
			whole = {
				...report,
				recording: `/api/call/${instance}/${record.callId}/recording`,
				recordingSeconds: recording.durationMs / 1_000,
			};
		}
		record.end(whole);
		this.watcher.ended(record, whole);
		return record;
	}

	/** @throws error when nobody was called; else the record of a call that failed */
	private fail(known: CallRecord | undefined, subject: CallSubject, error: unknown): CallRecord {
		if (known === undefined) {
			this.watcher.failed(subject, error);
			throw error;
		}
		const isOurs = error instanceof CallError;
		const wasCancelled = isOurs && error.code === 'CANCELLED';
		const report: CallReport = {
			success: true,
			message: isOurs ? error.message : 'The call failed',
			callId: known.callId,
			number: subject.number,
			...(wasCancelled
				? { outcome: 'cancelled', endedBy: 'us' }
				: { outcome: 'failed', failureCode: isOurs ? error.code : 'SERVER_ERROR' }),
			placedAt: known.timesSoFar().placedAt ?? isoTime(this.clock.now()),
			endedAt: isoTime(this.clock.now()),
		};
		known.end(report);
		this.watcher.ended(known, report);
		return known;
	}
}

function keyOf(instance: string, callId: string): string {
	return `${instance}/${callId}`;
}
