/** A packet that is later than this is heard, or nearly so. */
const LATE_MS = 10;
/** The last bucket takes everything beyond. */
const BUCKETS = 101;

/** How punctual packets were sent. */
export interface PacingReport {
	packets: number;
	/** Share of the packets that were more than 10 ms late, 0 to 1. */
	lateShare: number;
	worstMs: number;
	/** Frames that were never sent, because the thread stood still. */
	skippedFrames: number;
	/** Packets by lateness: 0 to 1 ms, 1 to 2 ms, and so on; the last is of 100 ms and more. */
	histogram: number[];
}

/** Counts how late packets are. */
export class Lateness {
	private buckets = new Array<number>(BUCKETS).fill(0);
	private packets = 0;
	private late = 0;
	private worstMs = 0;
	private skippedFrames = 0;

	add(lateMs: number): void {
		const bucket = Math.min(BUCKETS - 1, Math.max(0, Math.floor(lateMs)));
		this.buckets[bucket] = (this.buckets[bucket] ?? 0) + 1;
		this.packets += 1;
		this.late += lateMs > LATE_MS ? 1 : 0;
		this.worstMs = Math.max(this.worstMs, lateMs);
	}

	skip(frames: number): void {
		this.skippedFrames += frames;
	}

	/** Of all packets since the last report. */
	takeReport(): PacingReport {
		const { buckets, late, packets, skippedFrames, worstMs } = this;
		this.buckets = new Array<number>(BUCKETS).fill(0);
		this.packets = 0;
		this.late = 0;
		this.worstMs = 0;
		this.skippedFrames = 0;
		return {
			packets,
			lateShare: packets === 0 ? 0 : late / packets,
			worstMs,
			skippedFrames,
			histogram: buckets,
		};
	}
}
