import type { ReceptionReport } from './rtcp';

const SAMPLES_PER_MS = 16;
const UNITS_PER_MS = 65.536;
/** RFC 3550 section A.8: how slowly the mean follows. */
const JITTER_GAIN = 1 / 16;

/** What a stream's reports say of loss and jitter (RFC 3550 appendices A.3 and A.8). */
export class ReceptionStats {
	private firstIndex: number | undefined;
	private highestIndex = 0;
	private received = 0;
	private expectedBefore = 0;
	private receivedBefore = 0;
	private jitter = 0;
	private transit: number | undefined;

	constructor(readonly ssrc: number) {}

	/**
	 * @param index the sequence number without wrapping
	 * @param timestamp 32 bits; samples at 16 kHz
	 */
	add(index: number, timestamp: number, arrivedAtMs: number): void {
		this.firstIndex ??= index;
		this.highestIndex = Math.max(this.highestIndex, index);
		this.received += 1;
		// Modulo 2^32, as timestamps are.
		const transit = (Math.round(arrivedAtMs * SAMPLES_PER_MS) - timestamp) | 0;
		if (this.transit !== undefined) {
			const difference = Math.abs((transit - this.transit) | 0);
			this.jitter += (difference - this.jitter) * JITTER_GAIN;
		}
		this.transit = transit;
	}

	/**
	 * Begins another interval of fractionLost.
	 *
	 * @param heard when the recipient's last report came, and the middle bits of its NTP time
	 */
	report(nowMs: number, heard: { ntpMiddle: number; atMs: number } | undefined): ReceptionReport {
		const expected = this.highestIndex - (this.firstIndex ?? 0) + 1;
		const expectedNow = expected - this.expectedBefore;
		const lostNow = expectedNow - (this.received - this.receivedBefore);
		this.expectedBefore = expected;
		this.receivedBefore = this.received;
		return {
			ssrc: this.ssrc,
			fractionLost: lostNow <= 0 ? 0 : Math.min(255, Math.floor((lostNow * 256) / expectedNow)),
			cumulativeLost: expected - this.received,
			highestSequence: this.highestIndex,
			jitter: Math.floor(this.jitter),
			lastSenderReport: heard?.ntpMiddle ?? 0,
			delaySinceSenderReport:
				heard === undefined ? 0 : Math.max(0, Math.floor((nowMs - heard.atMs) * UNITS_PER_MS)),
		};
	}
}
