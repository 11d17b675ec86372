import { performance } from 'node:perf_hooks';
import { ssrcOf, type ParticipantKeys } from './keys';
import { decodeHeard } from './hearing';
import { looksLikeMlow } from './mlow';
import { FRAME_MS, type SoundCodec } from './opus';
import { fromEscape, isComfortNoise, isMlowSilence, readOpus } from './opusPacket';
import type { RtpHeader } from './rtp';
import { findReportFault, type ReportBlock } from './rtcp';
import type { MediaSeen } from './seen';
import { findShapeFault, isSilent, type Shape } from './shape';
import { SrtcpReceiver } from './srtcp';
import { SrtpReceiver } from './srtp';

/** A pause that a person notices (page 05 section 2: a stall). */
const PAUSE_MS = 180;
/** Louder than this, of 32767, is no silence. */
const SILENCE_PEAK = 300;
/** How many early packets are listened to: a call that rings long has many. */
const EARLY_LIMIT = 1000;

/** One audio packet that a phone heard. */
export interface HeardPacket {
	/** Sequence number with its rollovers: never repeats, and has no jump at 65535. */
	index: number;
	sequence: number;
	timestamp: number;
	/** Milliseconds after the accept. */
	atMs: number;
	/** As it was sent, decrypted. */
	payload: Buffer;
	/** What it was taken for. */
	codec: SoundCodec;
}

/** What an ear has to know of its call. */
export interface EarFacts {
	callId: string;
	/** The caller's device, as keys are derived for it. */
	caller: string;
	keys: ParticipantKeys;
	tagBytes: number;
	/** Which payloads the decoder of this phone reads. */
	hears: readonly SoundCodec[];
	/** Whether it only checks and counts, and keeps nothing. */
	counts: boolean;
	/** Writes a fault down; the same one only once in a call. */
	complain: (detail: string) => void;
}

/** How one device hears the caller: checks every packet, and keeps what came after the accept. */
export class Ear {
	readonly packets: HeardPacket[] = [];
	private readonly audio: SrtpReceiver;
	private readonly reports: SrtcpReceiver;
	private readonly ssrc: number;
	/** The last packets by index: for the neighbours of late ones, and for which relay brought it. */
	private readonly recent = new Map<number, Shape & { relay: string }>();
	/** Of the last ones, those that came before the accept or after the end. */
	private readonly elsewhere = new Set<number>();
	private acceptedAt: number | undefined;
	private ended = false;
	/** The first packet that was native Opus. */
	private nativeFrom = Infinity;
	private range: { first: number; last: number } | undefined;
	private work: Promise<void> = Promise.resolve();

	constructor(
		private readonly facts: EarFacts,
		private readonly seen: MediaSeen,
	) {
		this.audio = new SrtpReceiver(facts.keys.srtp, facts.tagBytes);
		this.reports = new SrtcpReceiver(facts.keys.srtcp);
		this.ssrc = ssrcOf(facts.callId, facts.caller, 0);
	}

	/** What the phone may report about the caller's stream. */
	get block(): ReportBlock | undefined {
		if (!this.range) return undefined;
		const { ssrc } = this;
		return { ssrc, lost: this.seen.lost, highestIndex: this.range.last % 2 ** 32, jitter: 0 };
	}

	accept(): void {
		this.acceptedAt = performance.now();
	}

	end(): void {
		this.ended = true;
	}

	/** When every check has been made. */
	settled(): Promise<void> {
		return this.work;
	}

	/** @param relay name of the relay that brought it */
	hear(packet: Buffer, relay: string): void {
		const atMs = performance.now() - (this.acceptedAt ?? performance.now());
		const opened = this.audio.open(packet);
		if (opened.kind === 'refused') {
			this.seen.refused++;
			return this.facts.complain(`an audio packet was refused: ${opened.why}`);
		}
		if (opened.kind === 'repeated') return this.repeat(opened.index, relay);
		const { header, index, payload } = opened;
		const codec = this.codecOf(payload, index);
		if (codec === undefined) return this.misread(payload);
		const shape = { index, header, payload, codec, atMs, relay };
		const fault = findShapeFault(shape, this.ssrc, this.recent.get(index - 1));
		if (fault !== undefined) this.facts.complain(fault);
		this.recent.set(index, shape);
		this.recent.delete(index - 64);
		if (this.ended || this.acceptedAt === undefined) this.takeElsewhere(index);
		if (this.ended) this.seen.afterEnd++;
		else if (this.acceptedAt === undefined) this.takeEarly(shape);
		else this.take(shape, header);
	}

	hearReport(packet: Buffer): void {
		const report = this.reports.open(packet);
		// The same report over another relay.
		if (report === 'repeated') return;
		if (report === 'refused') {
			this.seen.refused++;
			return this.facts.complain('a report was refused: its tag is wrong');
		}
		this.seen.reports++;
		const sent = this.seen.packets + this.seen.early + this.seen.afterEnd + this.seen.lost;
		const fault = findReportFault(report, this.ssrc, Math.max(0, sent - 5));
		if (fault !== undefined) this.facts.complain(`of a report: ${fault}`);
	}

	private codecOf(payload: Buffer, index: number): SoundCodec | undefined {
		const { hears } = this.facts;
		if (isComfortNoise(payload)) return this.codecOfSilence(index);
		if (hears.includes('escape') && fromEscape(payload)) return 'escape';
		if (hears.includes('mlow') && (looksLikeMlow(payload) || isMlowSilence(payload))) return 'mlow';
		if (!hears.includes('opus') || readOpus(payload)?.milliseconds !== FRAME_MS) return undefined;
		this.nativeFrom = Math.min(this.nativeFrom, index);
		return 'opus';
	}

	/** MLow and its disguise have the same byte for silence. */
	private codecOfSilence(index: number): SoundCodec | undefined {
		const { hears } = this.facts;
		const last = this.seen.codec;
		if (last !== undefined && last !== 'opus') return last;
		const family = hears.find((codec) => codec !== 'opus');
		if (family !== undefined) return family;
		// An empty frame to a decoder of Opus: harmless, until the caller knows that there is no MLow.
		return index < this.nativeFrom ? 'opus' : undefined;
	}

	private misread(payload: Buffer): void {
		this.seen.unreadable++;
		const start = payload.toString('hex', 0, 1);
		this.facts.complain(`a payload of ${payload.length} bytes from ${start} cannot be decoded`);
	}

	private repeat(index: number, relay: string): void {
		if (this.recent.get(index)?.relay !== relay && this.recent.has(index)) {
			this.seen.duplicates++;
			return;
		}
		this.seen.repeated++;
		this.facts.complain(`the sequence number ${index % 65_536} came twice`);
	}

	private take(shape: Shape, header: RtpHeader): void {
		const { seen } = this;
		const { index, atMs, payload } = shape;
		const pause = atMs - (seen.lastPacketAtMs ?? atMs);
		if (pause > PAUSE_MS) seen.gapsMs.push(Math.round(pause));
		seen.packets++;
		seen.codec = shape.codec;
		seen.firstPacketAtMs ??= Math.round(atMs);
		seen.lastPacketAtMs = Math.round(atMs);
		seen.heardMs += FRAME_MS;
		if (isSilent(shape)) seen.silent++;
		if (this.range && index < this.range.last) seen.reordered++;
		const { first = index, last = index } = this.range ?? {};
		this.range = { first: Math.min(first, index), last: Math.max(last, index) };
		this.countLost();
		if (this.facts.counts) return;
		const { sequence, timestamp } = header;
		const { codec } = shape;
		this.packets.push({ index, sequence, timestamp, atMs, payload, codec });
	}

	/** What came before the accept or after the end, out of its turn, is not lost. */
	private countLost(): void {
		if (this.range === undefined) return;
		const { first, last } = this.range;
		const elsewhere = [...this.elsewhere].filter((index) => index > first && index < last).length;
		this.seen.lost = last - first + 1 - this.seen.packets - elsewhere;
	}

	private takeElsewhere(index: number): void {
		this.elsewhere.add(index);
		this.elsewhere.delete(index - 64);
		this.countLost();
	}

	private takeEarly(shape: Shape): void {
		this.seen.early++;
		if (this.facts.counts || isSilent(shape) || this.seen.early > EARLY_LIMIT) return;
		const { sequence, timestamp } = shape.header;
		const check = async (): Promise<void> => {
			// A decoder of its own: the one of the call starts at the accept.
			const pcm = await decodeHeard([{ ...shape, sequence, timestamp }]);
			const peak = pcm.reduce((most, one) => Math.max(most, Math.abs(one)), 0);
			if (peak > SILENCE_PEAK) this.facts.complain('there was audio before the accept');
		};
		this.work = this.work.then(check).catch((error: unknown) => {
			this.facts.complain(`an early packet could not be decoded: ${String(error)}`);
		});
	}
}
