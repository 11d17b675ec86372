import { IncomingAudio } from './incomingAudio';
import type { MediaCall, MediaSummary } from './messages';
import { PeerReceiver } from './peerReceiver';
import type { ReceptionStats } from './receptionStats';
import type { AudioRecorder } from './recorder';
import { FIXED_HEADER_BYTES } from './rtp';

/** What a packet of RTP was: not the recipient's, its own before the answer, data, or sound. */
export type Received = 'early' | 'other' | 'refused' | 'sound';

const SSRC_AT = 8;

/** All that comes from the recipient in a call. */
export class Reception {
	private readonly peer: PeerReceiver;
	private readonly audio: IncomingAudio;
	private packetsReceived = 0;
	private packetsRefused = 0;
	/** The last packet since the answer that authenticates. */
	private lastSignMs: number | undefined;

	/**
	 * @param ownSsrc of our sound: a relay that sends it back is not the recipient
	 * @throws RangeError when the call key or the length of the tags is not what it should be
	 */
	constructor(
		private readonly call: MediaCall,
		private readonly ownSsrc: number,
		recorder: AudioRecorder | undefined,
	) {
		this.peer = new PeerReceiver(call);
		this.audio = new IncomingAudio(call.codec === 'mlow', recorder);
	}

	/** Loss and jitter of the recipient's sound; undefined before its first packet. */
	get stats(): ReceptionStats | undefined {
		return this.audio.stats;
	}

	/** Whether anything came since the answer. */
	get hasSign(): boolean {
		return this.lastSignMs !== undefined;
	}

	/** Since the last sign of the recipient, or since its answer; 0 before. In milliseconds. */
	silentMs(nowMs: number): number {
		return nowMs - (this.lastSignMs ?? this.peer.answeredAtMs ?? nowMs);
	}

	/** @param device that answered, when known; the first one counts */
	answered(device: string | undefined, nowMs: number): void {
		this.peer.accept(device, nowMs);
	}

	expectMlow(mlow: boolean): void {
		this.audio.expectMlow(mlow && this.call.codec === 'mlow');
	}

	/** @param packet decrypted in place */
	takeRtp(packet: Buffer, nowMs: number): Received {
		if (packet.length >= FIXED_HEADER_BYTES && packet.readUInt32BE(SSRC_AT) === this.ownSsrc) {
			return 'refused';
		}
		const opened = this.peer.openRtp(packet, nowMs);
		if (typeof opened === 'string') {
			this.packetsRefused += opened === 'replayed' ? 0 : 1;
			return 'refused';
		}
		this.packetsReceived += 1;
		if (this.peer.answeredAtMs === undefined) {
			// A phone that rings may send already: that is not for our ears.
			return 'early';
		}
		this.lastSignMs = nowMs;
		return this.audio.add(opened, nowMs) ? 'sound' : 'other';
	}

	/**
	 * @param packet decrypted in place
	 * @returns the RTCP packets when they are authentic and new
	 */
	takeRtcp(packet: Buffer, nowMs: number): Buffer | undefined {
		const compound = this.peer.openRtcp(packet);
		if (typeof compound === 'string') {
			return undefined;
		}
		if (this.peer.answeredAtMs !== undefined) {
			this.lastSignMs = nowMs;
		}
		return compound;
	}

	/** To be called once. */
	async finish(): Promise<Omit<MediaSummary, 'codecSent' | 'packetsSent' | 'playedMs'>> {
		const recording = await this.finishRecording();
		const { codec } = this.audio;
		return {
			packetsReceived: this.packetsReceived,
			packetsRefused: this.packetsRefused,
			...(codec !== undefined && { recipientCodec: codec }),
			...(recording !== undefined && { recording }),
		};
	}

	private async finishRecording(): Promise<MediaSummary['recording']> {
		try {
			return await this.audio.finish();
		} catch {
			// A recording is not worth the rest of the summary.
			return undefined;
		}
	}
}
