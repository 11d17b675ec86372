import { deriveSenderKeys } from './keys';
import { toParticipantId } from './participant';
import { SrtcpReceiver } from './srtcp';
import { SrtpReceiver, type Refusal, type Unprotected } from './srtp';

/** So long after the answer, what does not authenticate may be of another device than we think. */
const SEARCH_AFTER_MS = 3000;
/** Short tags fit by chance: a device has proved itself when its tags add up to so many bytes. */
const PROOF_BYTES = 4;

export interface PeerReceiverOptions {
	/** 32 bytes. */
	callKey: Uint8Array;
	/** 1 to 20. */
	tagBytes: number;
	/** The recipient's hidden id without a device. */
	peer: string;
	/** Every device that was offered the call. */
	peerDevices: readonly string[];
}

interface Candidate {
	participantId: string;
	rtp: SrtpReceiver;
	provedBytes: number;
}

/**
 * Understands the recipient: first its primary phone, then the device that answered, and when that
 * one cannot be understood, whichever of its devices can (protocol page 03, "Rekey on accept").
 */
export class PeerReceiver {
	private participantId: string;
	private rtp: SrtpReceiver;
	private rtcp: SrtcpReceiver;
	private acceptedAtMs: number | undefined;
	private rekeyed = false;
	/** Something came that authenticates, since the answer. */
	private understood = false;
	private candidates: Candidate[] | undefined;

	/** @throws RangeError when the call key or `tagBytes` has a wrong length */
	constructor(private readonly options: PeerReceiverOptions) {
		this.participantId = toParticipantId(options.peer);
		const keys = deriveSenderKeys(options.callKey, this.participantId);
		this.rtp = new SrtpReceiver(keys.srtp, options.tagBytes);
		this.rtcp = new SrtcpReceiver(keys.srtcp);
	}

	/** When the recipient answered; undefined before. */
	get answeredAtMs(): number | undefined {
		return this.acceptedAtMs;
	}

	/** @param device that answered, when known; the first one counts */
	accept(device: string | undefined, nowMs: number): void {
		this.acceptedAtMs ??= nowMs;
		if (device !== undefined && !this.rekeyed) {
			this.rekeyed = true;
			this.listenTo(toParticipantId(device));
		}
	}

	/** As SrtpReceiver.unprotect(). */
	openRtp(packet: Buffer, nowMs: number): Refusal | Unprotected {
		let opened = this.rtp.unprotect(packet);
		if (opened === 'forged' && this.mayListenToAnother(nowMs) && this.search(packet)) {
			opened = this.rtp.unprotect(packet);
		}
		this.understood ||= this.acceptedAtMs !== undefined && typeof opened === 'object';
		return opened;
	}

	/** As SrtcpReceiver.unprotect(). */
	openRtcp(packet: Buffer): ReturnType<SrtcpReceiver['unprotect']> {
		return this.rtcp.unprotect(packet);
	}

	private listenTo(participantId: string, rtp?: SrtpReceiver): void {
		if (participantId === this.participantId) {
			// The keys stay as they are: forgetting what was received would only let it be replayed.
			return;
		}
		const keys = deriveSenderKeys(this.options.callKey, participantId);
		this.participantId = participantId;
		this.rtp = rtp ?? new SrtpReceiver(keys.srtp, this.options.tagBytes);
		this.rtcp = new SrtcpReceiver(keys.srtcp);
		this.candidates = undefined;
	}

	private mayListenToAnother(nowMs: number): boolean {
		return (
			this.acceptedAtMs !== undefined &&
			!this.understood &&
			nowMs - this.acceptedAtMs >= SEARCH_AFTER_MS
		);
	}

	/** @returns whether the sender was found */
	private search(packet: Buffer): boolean {
		this.candidates ??= this.otherDevices();
		for (const candidate of this.candidates) {
			if (candidate.rtp.recognises(packet)) {
				candidate.provedBytes += this.options.tagBytes;
				if (candidate.provedBytes >= PROOF_BYTES) {
					this.listenTo(candidate.participantId, candidate.rtp);
					return true;
				}
			}
		}
		return false;
	}

	private otherDevices(): Candidate[] {
		const { callKey, peer, peerDevices, tagBytes } = this.options;
		const ids = new Set([...peerDevices, peer].map(toParticipantId));
		ids.delete(this.participantId);
		return [...ids].map((participantId) => ({
			participantId,
			rtp: new SrtpReceiver(deriveSenderKeys(callKey, participantId).srtp, tagBytes),
			provedBytes: 0,
		}));
	}
}
