import type { SessionKeys } from './keys';
import type { ReceptionStats } from './receptionStats';
import {
	buildSdes,
	buildSenderReport,
	createCname,
	findSenderReport,
	type ReceivedSenderReport,
	type SenderReport,
} from './rtcp';
import { SrtcpSender } from './srtcp';

/** What a report says about our stream. */
export type SentSoFar = Omit<SenderReport, 'ssrc' | 'wallClockMs'>;

export interface RtcpReporterOptions {
	/** For SRTCP. */
	keys: SessionKeys;
	/** Of our stream. */
	ssrc: number;
	/** 12 random bytes for the name of the call's streams. */
	entropy: Uint8Array;
	/** Milliseconds since 1970. */
	wallClockMs: () => number;
}

/** The RTCP that we send in a call (protocol page 05, section 5). */
export class RtcpReporter {
	private readonly sender: SrtcpSender;
	private readonly description: Buffer;
	private lastHeard: (ReceivedSenderReport & { atMs: number }) | undefined;

	constructor(private readonly options: RtcpReporterOptions) {
		this.sender = new SrtcpSender(options.keys);
		this.description = buildSdes(options.ssrc, createCname(options.entropy));
	}

	/** Who we are: once, when the first relay serves us. */
	describe(): Buffer {
		return this.sender.protect(this.description);
	}

	/** What was sent and received so far, and who we are. */
	report(sent: SentSoFar, received: ReceptionStats | undefined, nowMs: number): Buffer {
		const { ssrc, wallClockMs } = this.options;
		const heard = this.lastHeard?.ssrc === received?.ssrc ? this.lastHeard : undefined;
		const report = buildSenderReport(
			{ ssrc, wallClockMs: wallClockMs(), ...sent },
			received?.report(nowMs, heard),
		);
		return this.sender.protect(Buffer.concat([report, this.description]));
	}

	/** @param compound RTCP of the recipient that is authentic and new */
	heard(compound: Buffer, nowMs: number): void {
		const report = findSenderReport(compound);
		if (report !== undefined) {
			this.lastHeard = { ...report, atMs: nowMs };
		}
	}
}
