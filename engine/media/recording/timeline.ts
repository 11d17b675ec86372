import { SAMPLE_RATE_HZ } from '../../audio/types';
import type { RecordedPacket } from '../recorder';

const SAMPLES_PER_MS = SAMPLE_RATE_HZ / 1000;

/**
 * A timestamp that is so far ahead of the time since the recording began belongs to another clock:
 * no network delivers the future. The margin is for a first packet that came late itself.
 */
const MAX_AHEAD_SAMPLES = 2000 * SAMPLES_PER_MS;
/** A timestamp may be so far behind the end of what is recorded; beyond, its clock was set back. */
const MAX_BEHIND_SAMPLES = 500 * SAMPLES_PER_MS;

/**
 * Where in the recording a packet belongs: its timestamp says so, and is checked against the time
 * of arrival, so that a clock that jumps makes neither hours of silence nor an end of the recording.
 */
export class Timeline {
	/** A timestamp and where it is in the recording. */
	private anchor: { timestamp: number; arrivedAtMs: number; sample: number } | undefined;

	/**
	 * @param recorded samples so far
	 * @returns samples missing before the packet
	 */
	gapBefore({ timestamp, arrivedAtMs }: RecordedPacket, recorded: number): number {
		this.anchor ??= { timestamp, arrivedAtMs, sample: recorded };
		const { anchor } = this;
		const byTimestamp = anchor.sample + timestamp - anchor.timestamp;
		const byArrival =
			anchor.sample + Math.round((arrivedAtMs - anchor.arrivedAtMs) * SAMPLES_PER_MS);
		const plausible =
			byTimestamp - byArrival <= MAX_AHEAD_SAMPLES && byTimestamp >= recorded - MAX_BEHIND_SAMPLES;
		if (plausible) {
			return Math.max(0, byTimestamp - recorded);
		}
		const sample = Math.max(recorded, byArrival);
		this.anchor = { timestamp, arrivedAtMs, sample };
		return sample - recorded;
	}
}
