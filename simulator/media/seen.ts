import type { SoundCodec } from './opus';

/** What a device heard and said in one call; plain data. Milliseconds are real, not script time. */
export interface MediaSeen {
	/** Audio packets after the accept that were in order, silence included; none comes twice. */
	packets: number;
	/** Those of them that stand for silence. */
	silent: number;
	/** Audio packets before the accept: nobody hears them. */
	early: number;
	/** Audio packets after the call was over for this device. */
	afterEnd: number;
	/** Sequence numbers between the first and the last packet that never came. */
	lost: number;
	/** Packets that came after one with a higher sequence number. */
	reordered: number;
	/** Packets that came over another relay already. */
	duplicates: number;
	/** Packets that came twice over the same relay. */
	repeated: number;
	/** Packets and reports that were refused: their tag was wrong, or their form. */
	refused: number;
	/** Payloads that no decoder of this phone can read. */
	unreadable: number;
	/** Reports (RTCP) of the caller. */
	reports: number;
	/** Milliseconds of decoded audio, silence included. */
	heardMs: number;
	/** From the accept to the first and to the last packet. */
	firstPacketAtMs?: number;
	lastPacketAtMs?: number;
	/** Every pause between packets that was longer than 180 ms. */
	gapsMs: number[];
	/** How the caller's packets were written, as far as they tell. */
	codec?: SoundCodec;
	/** Audio packets that this device sent. */
	sent: number;
}

export function nothingSeen(): MediaSeen {
	return {
		packets: 0,
		silent: 0,
		early: 0,
		afterEnd: 0,
		lost: 0,
		reordered: 0,
		duplicates: 0,
		repeated: 0,
		refused: 0,
		unreadable: 0,
		reports: 0,
		heardMs: 0,
		gapsMs: [],
		sent: 0,
	};
}
