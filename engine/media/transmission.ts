import type { RandomBytes } from '../relay';
import { silenceOf } from './frames';
import { deriveSenderKeys } from './keys';
import type { CallCodecName, MediaCall } from './messages';
import { OutgoingAudio } from './outgoingAudio';
import { OutgoingStream } from './outgoingStream';
import { toParticipantId } from './participant';
import type { ReceptionStats } from './receptionStats';
import { RtcpReporter } from './rtcpReporter';
import { AUDIO_SLOT, deriveSsrc, deriveStreamSsrcs } from './ssrc';

/** 1500 ms (protocol page 05, section 5), counted in frames of 60 ms. */
const REPORT_FRAMES = 25;

/**
 * All that we send in a call. It goes on through every change of relay and device: starting anew
 * would use keys twice.
 */
export class Transmission {
	/** Of our sound. */
	readonly ssrc: number;
	/** Of our nine streams, as relays want them. */
	readonly streamSsrcs: readonly number[];
	private readonly audio: OutgoingAudio;
	private readonly stream: OutgoingStream;
	private readonly reporter: RtcpReporter;
	/** The first frame is where the time begins. */
	private framesSinceReport = -1;

	/**
	 * @param wallClockMs milliseconds since 1970
	 * @throws RangeError when the call key or the length of the tags is not what it should be
	 */
	constructor(
		private readonly call: MediaCall,
		random: RandomBytes,
		wallClockMs: () => number,
	) {
		const { callId, callKey, codec, ownDevice, plan, tagBytes } = call;
		const self = toParticipantId(ownDevice);
		const keys = deriveSenderKeys(callKey, self);
		const ssrc = deriveSsrc(callId, self, AUDIO_SLOT);
		const firstSequence = Buffer.from(random(2)).readUInt16BE() >> 1;
		this.ssrc = ssrc;
		this.streamSsrcs = deriveStreamSsrcs(callId, self);
		this.audio = new OutgoingAudio(plan, silenceOf(codec));
		this.stream = new OutgoingStream({ codec, keys: keys.srtp, tagBytes, ssrc, firstSequence });
		this.reporter = new RtcpReporter({ keys: keys.srtcp, ssrc, entropy: random(12), wallClockMs });
	}

	/** What is sent now. */
	get codec(): CallCodecName {
		return this.stream.codec;
	}

	/** How much of the recording was sent, of all rounds. */
	get playedMs(): number {
		return this.audio.playedMs;
	}

	/** Of RTP. */
	get packets(): number {
		return this.stream.packets;
	}

	/** The last round is over: what follows is silence. */
	get saidAll(): boolean {
		return this.audio.saidAll;
	}

	/** Everything was said, and the line was held as long as the plan wants. */
	get finished(): boolean {
		return this.audio.finished;
	}

	/**
	 * Goes over from MLow to native Opus, at any moment, or back. Nothing changes in a call that does
	 * not speak MLow anyway.
	 */
	speakMlow(mlow: boolean): void {
		const { codec, opusFrames, plan } = this.call;
		if (codec === 'mlow' && opusFrames !== undefined) {
			const chosen = mlow ? codec : 'opus';
			this.audio.change(mlow ? plan.frames : opusFrames, silenceOf(chosen));
			this.stream.codec = chosen;
		}
	}

	/** Somebody listens; the next frame is due in so many milliseconds. */
	play(nextFrameInMs: number): void {
		this.audio.play(nextFrameInMs);
	}

	/** The RTCP with which we begin. */
	describe(): Buffer {
		return this.reporter.describe();
	}

	/** @returns the RTP of the next 60 ms, in a buffer that the next call uses again */
	nextFrame(skippedFrames: number): Buffer {
		const frame = this.audio.next();
		this.stream.skip(skippedFrames);
		this.framesSinceReport += 1 + skippedFrames;
		return this.stream.protect(frame);
	}

	/** @returns RTCP when it is time for it */
	nextReport(received: ReceptionStats | undefined, nowMs: number): Buffer | undefined {
		if (this.framesSinceReport < REPORT_FRAMES) {
			return undefined;
		}
		this.framesSinceReport = 0;
		const { octets, packets, timestamp } = this.stream;
		return this.reporter.report({ octets, packets, rtpTimestamp: timestamp }, received, nowMs);
	}

	/** @param compound RTCP of the recipient: our reports refer to it */
	heardReport(compound: Buffer, nowMs: number): void {
		this.reporter.heard(compound, nowMs);
	}
}
