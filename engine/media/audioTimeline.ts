const FRAME_MS = 60;
const SAMPLES_PER_MS = 16;
/** A stream that was silent for so long may be followed by another one. */
const TAKEOVER_AFTER_MS = 500;

/** Where a packet belongs among all packets of the recipient. */
export interface AudioPosition {
	/** Never wraps. */
	sequence: number;
	/** Samples at 16 kHz; never wraps. */
	timestamp: number;
}

interface Stream {
	ssrc: number;
	/** What to add to the stream's own numbers. */
	sequenceOffset: number;
	timestampOffset: number;
	/** Of the packet that is furthest ahead. */
	rawTimestamp: number;
	extendedTimestamp: number;
	highest: AudioPosition;
	lastAtMs: number;
}

/**
 * Puts the recipient's packets on one line, also when its device begins another stream. Of two
 * streams at a time, the first one counts.
 */
export class AudioTimeline {
	private stream: Stream | undefined;

	/**
	 * @param index the sequence number without wrapping
	 * @param timestamp 32 bits
	 * @param ticksPerSample of the timestamp: 1 at 16 kHz, 3 at 48 kHz
	 * @returns undefined for a packet of a second stream
	 */
	place(
		ssrc: number,
		index: number,
		timestamp: number,
		ticksPerSample: number,
		nowMs: number,
	): AudioPosition | undefined {
		if (this.stream?.ssrc !== ssrc) {
			if (this.stream !== undefined && nowMs - this.stream.lastAtMs < TAKEOVER_AFTER_MS) {
				return undefined;
			}
			this.stream = begin(ssrc, index, timestamp, ticksPerSample, this.stream, nowMs);
		}
		const { stream } = this;
		stream.lastAtMs = nowMs;
		// Modulo 2^32: a packet that is late goes back.
		const advance = (timestamp - stream.rawTimestamp) | 0;
		const extended = stream.extendedTimestamp + advance;
		const position = {
			sequence: index + stream.sequenceOffset,
			timestamp: Math.floor(extended / ticksPerSample) + stream.timestampOffset,
		};
		if (advance > 0) {
			stream.rawTimestamp = timestamp;
			stream.extendedTimestamp = extended;
		}
		if (position.sequence > stream.highest.sequence) {
			stream.highest = position;
		}
		return position;
	}
}

function begin(
	ssrc: number,
	index: number,
	timestamp: number,
	ticksPerSample: number,
	before: Stream | undefined,
	nowMs: number,
): Stream {
	const first = { sequence: index, timestamp: Math.floor(timestamp / ticksPerSample) };
	const start = before === undefined ? first : following(before, nowMs);
	return {
		ssrc,
		sequenceOffset: start.sequence - first.sequence,
		timestampOffset: start.timestamp - first.timestamp,
		rawTimestamp: timestamp,
		extendedTimestamp: timestamp,
		highest: start,
		lastAtMs: nowMs,
	};
}

function following({ highest, lastAtMs }: Stream, nowMs: number): AudioPosition {
	const gapMs = nowMs - lastAtMs;
	return {
		sequence: highest.sequence + Math.ceil(gapMs / FRAME_MS),
		timestamp: highest.timestamp + Math.round(gapMs * SAMPLES_PER_MS),
	};
}
