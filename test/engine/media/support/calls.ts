import type { EncodedFrame, PackedFrames } from '../../../../engine/audio/types';
import { deriveSenderKeys } from '../../../../engine/media/keys';
import type { MediaCall, PlayPlan } from '../../../../engine/media/messages';
import { toParticipantId } from '../../../../engine/media/participant';
import { buildSenderReport } from '../../../../engine/media/rtcp';
import type { OutgoingRtpHeader } from '../../../../engine/media/rtp';
import { SrtcpReceiver, SrtcpSender } from '../../../../engine/media/srtcp';
import { SrtpReceiver, SrtpSender } from '../../../../engine/media/srtp';
import { deriveSsrc } from '../../../../engine/media/ssrc';

export const CALL_KEY = Uint8Array.from({ length: 32 }, (_, index) => index);
export const CALL_ID = '00112233445566778899AABBCCDDEEFF';
export const OWN_DEVICE = '111111111111111:23@lid';
export const PEER = '222222222222222@lid';
export const TABLET = '222222222222222:5@lid';
export const SPEECH_BYTES = 40;

/** Frames that tell which they are: the first byte is 0x58, the second one counts. */
export function framesOf(count: number, quiet: readonly number[] = []): PackedFrames {
	const payloads: number[] = [];
	const payloadBytes: number[] = [];
	for (let index = 0; index < count; index++) {
		const bytes = quiet.includes(index) ? 1 : SPEECH_BYTES;
		payloadBytes.push(bytes);
		payloads.push(0x58, ...(bytes > 1 ? [index, ...new Array<number>(bytes - 2).fill(7)] : []));
	}
	return {
		payloads: Uint8Array.from(payloads),
		payloadBytes: Uint16Array.from(payloadBytes),
		comfortNoise: Uint8Array.from({ length: count }, (_, index) => (quiet.includes(index) ? 1 : 0)),
	};
}

export function planOf(changes: Partial<PlayPlan> = {}): PlayPlan {
	return { frames: framesOf(3), repeat: 1, pauseBetweenRepeatsMs: 0, stayMs: 0, ...changes };
}

export function callOf(changes: Partial<MediaCall> = {}): MediaCall {
	return {
		callId: CALL_ID,
		callKey: CALL_KEY,
		ownDevice: OWN_DEVICE,
		peer: PEER,
		peerDevices: [PEER, TABLET],
		relayKey: 'key',
		tagBytes: 4,
		endpoints: [],
		codec: 'opus',
		plan: planOf(),
		...changes,
	};
}

/** `S` for silence, else which frame of framesOf() it is. */
export function describeFrame({ payload, comfortNoise }: EncodedFrame): string {
	return comfortNoise ? 'S' : String(payload[1]);
}

/** A device of the recipient: understands us, and talks. */
export class PeerDevice {
	readonly ssrc: number;
	private readonly rtp: SrtpSender;
	private readonly rtcp: SrtcpSender;
	private readonly ourRtp: SrtpReceiver;
	private readonly ourRtcp: SrtcpReceiver;
	private sequence = 100;

	constructor(
		device: string,
		{ tagBytes = 4, callKey = CALL_KEY }: { tagBytes?: number; callKey?: Uint8Array } = {},
	) {
		const id = toParticipantId(device);
		const keys = deriveSenderKeys(callKey, id);
		const ours = deriveSenderKeys(callKey, toParticipantId(OWN_DEVICE));
		this.ssrc = deriveSsrc(CALL_ID, id, 0);
		this.rtp = new SrtpSender(keys.srtp, tagBytes);
		this.rtcp = new SrtcpSender(keys.srtcp);
		this.ourRtp = new SrtpReceiver(ours.srtp, tagBytes);
		this.ourRtcp = new SrtcpReceiver(ours.srtcp);
	}

	say(
		payload: Uint8Array = Buffer.alloc(30, 0x58),
		changes: Partial<OutgoingRtpHeader> = {},
	): Buffer {
		const sequence = this.sequence++;
		const header: OutgoingRtpHeader = {
			payloadType: 120,
			marker: false,
			sequence,
			timestamp: sequence * 960,
			ssrc: this.ssrc,
			comfortNoise: false,
			...changes,
		};
		return Buffer.from(this.rtp.protect(header, payload));
	}

	report(wallClockMs: number): Buffer {
		const report = { ssrc: this.ssrc, wallClockMs, rtpTimestamp: 0, packets: 0, octets: 0 };
		return this.rtcp.protect(buildSenderReport(report));
	}

	hear(packet: Buffer): ReturnType<SrtpReceiver['unprotect']> {
		return this.ourRtp.unprotect(Buffer.from(packet));
	}

	hearReport(packet: Buffer): ReturnType<SrtcpReceiver['unprotect']> {
		return this.ourRtcp.unprotect(Buffer.from(packet));
	}
}
