import { FRAME_MS, type EncodedFrame, type PackedFrames } from '../audio/types';
import type { PlayPlan } from './messages';

/** Silence between the answer and the first word (protocol page 05, section 2; page 07, Q19). */
const LEAD_IN_MS = 400;
/** Silence behind the last word: what the network still carries is not to be cut off. */
const TAIL_MS = 400;

/**
 * What to send, one frame each 60 ms: silence until somebody listens, then the recording as often
 * as the plan wants, then silence for as long as the line is held, and on until the call ends.
 */
export class OutgoingAudio {
	private stage: 'finished' | 'saying' | 'staying' | 'waiting' = 'waiting';
	/** Frames of silence before whatever the stage brings. */
	private silentFrames = 0;
	private nextFrame = 0;
	private nextByte = 0;
	private roundsLeft: number;
	private playedFrames = 0;
	private frames: PackedFrames;

	/** @param silence what the codec sends when nothing is said */
	constructor(
		private readonly plan: PlayPlan,
		private silence: EncodedFrame,
	) {
		this.frames = plan.frames;
		this.roundsLeft = Math.max(1, plan.repeat);
	}

	/** How much of the recording was sent, of all rounds. */
	get playedMs(): number {
		return this.playedFrames * FRAME_MS;
	}

	/** The last round is over: what follows is silence. */
	get saidAll(): boolean {
		return this.stage === 'staying' || this.stage === 'finished';
	}

	/** Everything was said, and the line was held as long as the plan wants. */
	get finished(): boolean {
		return this.stage === 'finished';
	}

	/**
	 * Somebody listens. Twice is fine.
	 *
	 * @param nextFrameInMs when the next frame is due: what is left of the lead-in is silent frames
	 */
	play(nextFrameInMs = 0): void {
		if (this.stage === 'waiting') {
			this.silentFrames = framesOf(LEAD_IN_MS - nextFrameInMs);
			this.stage = 'saying';
		}
	}

	/**
	 * Goes on in another codec, wherever it is.
	 *
	 * @param frames of the same recording: each holds the same 60 ms
	 */
	change(frames: PackedFrames, silence: EncodedFrame): void {
		this.frames = frames;
		this.silence = silence;
		this.nextByte = frames.payloadBytes
			.subarray(0, this.nextFrame)
			.reduce((sum, bytes) => sum + bytes, 0);
	}

	/** The frame of the next 60 ms. */
	next(): EncodedFrame {
		if (this.stage === 'waiting' || this.stage === 'finished') {
			return this.silence;
		}
		if (this.silentFrames > 0) {
			this.silentFrames -= 1;
			return this.silence;
		}
		if (this.stage === 'staying') {
			this.stage = 'finished';
			return this.silence;
		}
		return this.nextOfRecording();
	}

	private nextOfRecording(): EncodedFrame {
		const { payloads, payloadBytes, comfortNoise } = this.frames;
		const bytes = payloadBytes[this.nextFrame];
		if (bytes === undefined) {
			this.endRound();
			return this.next();
		}
		const frame = {
			payload: payloads.subarray(this.nextByte, this.nextByte + bytes),
			comfortNoise: comfortNoise[this.nextFrame] === 1,
		};
		this.nextFrame += 1;
		this.nextByte += bytes;
		this.playedFrames += 1;
		if (this.nextFrame >= payloadBytes.length) {
			this.endRound();
		}
		return frame;
	}

	private endRound(): void {
		const { pauseBetweenRepeatsMs, stayMs } = this.plan;
		this.nextFrame = 0;
		this.nextByte = 0;
		this.roundsLeft -= 1;
		if (this.roundsLeft > 0 && this.frames.payloadBytes.length > 0) {
			this.silentFrames = framesOf(pauseBetweenRepeatsMs);
		} else {
			this.silentFrames = framesOf(TAIL_MS + stayMs);
			this.stage = 'staying';
		}
	}
}

/** So many frames last at least that long. */
function framesOf(ms: number): number {
	return Math.ceil(ms / FRAME_MS);
}
