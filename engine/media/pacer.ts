import { FRAME_MS } from '../audio/types';
import type { CancelTimer, MediaClock } from '../relay';
import { Lateness, type PacingReport } from './lateness';

/** After a longer stall, what should have been sent is dropped (protocol page 05, section 2). */
const MAX_CATCH_UP_MS = 180;
/** So many packets of a call may follow each other at once. */
const MAX_BACK_TO_BACK = 2;
/** After that, the call is left alone for so long. */
const BREATH_MS = FRAME_MS / 2;
/** Calls are spread over the 60 ms, so that their packets do not all leave in one moment. */
const PHASE_MS = 2;
const PHASES = FRAME_MS / PHASE_MS;

/** @param skippedFrames frames whose time went by without a packet, since the last tick */
export type Tick = (skippedFrames: number) => void;

interface Paced {
	readonly tick: Tick;
	readonly phase: number;
	/** When the next frame belongs on the wire: never drifts. */
	dueMs: number;
	notBeforeMs: number;
	skippedFrames: number;
}

/**
 * The beat of all calls of a thread: a tick for each call and 60 ms, on time over hours. The n-th
 * tick of a call is due at t0 + n * 60 ms.
 */
export class Pacer {
	private readonly calls = new Set<Paced>();
	private readonly lateness = new Lateness();
	private readonly startMs: number;
	private wake: { atMs: number; cancel: CancelTimer } | undefined;

	constructor(private readonly clock: MediaClock) {
		this.startMs = clock.nowMs();
	}

	/**
	 * The first tick comes within 60 ms, none before this returns.
	 *
	 * @param tick must not throw
	 * @returns ends the ticks; twice is fine
	 */
	add(tick: Tick): () => void {
		const { phase, dueMs } = this.findPhase();
		const paced: Paced = { tick, phase, dueMs, notBeforeMs: dueMs, skippedFrames: 0 };
		this.calls.add(paced);
		this.schedule();
		return () => {
			this.calls.delete(paced);
			this.schedule();
		};
	}

	/** How punctual the packets of all calls were since the last report. */
	takeReport(): PacingReport {
		return this.lateness.takeReport();
	}

	/** The least busy of the phases; of several the one that comes next. */
	private findPhase(): { phase: number; dueMs: number } {
		const busy = new Array<number>(PHASES).fill(0);
		for (const { phase } of this.calls) {
			busy[phase] = (busy[phase] ?? 0) + 1;
		}
		const least = Math.min(...busy);
		const firstStep = Math.ceil((this.clock.nowMs() - this.startMs) / PHASE_MS);
		let step = firstStep;
		while (busy[step % PHASES] !== least) {
			step += 1;
		}
		return { phase: step % PHASES, dueMs: this.startMs + step * PHASE_MS };
	}

	private run(): void {
		this.wake = undefined;
		for (const paced of this.calls) {
			this.serve(paced);
		}
		this.schedule();
	}

	private serve(paced: Paced): void {
		for (let sent = 0; sent < MAX_BACK_TO_BACK; sent++) {
			const nowMs = this.clock.nowMs();
			this.dropMissed(paced, nowMs);
			if (!this.calls.has(paced) || nowMs < wakeOf(paced)) {
				return;
			}
			this.lateness.add(nowMs - paced.dueMs);
			const { skippedFrames } = paced;
			paced.skippedFrames = 0;
			paced.dueMs += FRAME_MS;
			paced.tick(skippedFrames);
		}
		paced.notBeforeMs = this.clock.nowMs() + BREATH_MS;
	}

	/** After a stall, goes on with the next frame that is not yet due: calls keep their phases. */
	private dropMissed(paced: Paced, nowMs: number): void {
		if (nowMs - paced.dueMs > MAX_CATCH_UP_MS) {
			const missed = Math.ceil((nowMs - paced.dueMs) / FRAME_MS);
			paced.dueMs += missed * FRAME_MS;
			paced.skippedFrames += missed;
			this.lateness.skip(missed);
		}
	}

	private schedule(): void {
		let atMs = Number.POSITIVE_INFINITY;
		for (const paced of this.calls) {
			atMs = Math.min(atMs, wakeOf(paced));
		}
		if (this.wake?.atMs === atMs) {
			return;
		}
		this.wake?.cancel();
		this.wake = undefined;
		if (this.calls.size > 0) {
			// Whole milliseconds are what timers know; one that rings too early would have to be set anew.
			const delayMs = Math.max(0, Math.ceil(atMs - this.clock.nowMs()));
			this.wake = { atMs, cancel: this.clock.setTimer(delayMs, () => this.run()) };
		}
	}
}

function wakeOf({ dueMs, notBeforeMs }: Paced): number {
	return Math.max(dueMs, notBeforeMs);
}
