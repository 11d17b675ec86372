import { randomInt } from 'node:crypto';
import { performance } from 'node:perf_hooks';
import type { ParticipantKeys } from './keys';
import { withCopies } from './mlow';
import { FRAME_MS, FRAME_SAMPLES, makeEncoder, type Encoder, type SoundCodec } from './opus';
import { isMlowSilence, isNativeSilence, toEscape } from './opusPacket';
import { makeCname, senderReport, sourceDescription, type ReportBlock } from './rtcp';
import { writeRtp } from './rtp';
import type { MediaSeen } from './seen';
import { SrtcpSender } from './srtcp';
import { SrtpSender } from './srtp';

const AUDIO_PAYLOAD_TYPE = 120;
const RED_PAYLOAD_TYPE = 121;
const SILENCE_WORD = Buffer.from('30010000', 'hex');
const REPORT_MS = 1500;
/** The whole packets that stand for 60 ms of silence (page 05 sections 1 and 3). */
const MLOW_SILENCE = Buffer.from([0x90]);
const SILENCE = { opus: Buffer.from([0x58]), escape: MLOW_SILENCE, mlow: MLOW_SILENCE };
/** What an encoder holds back comes out with one more packet. */
const TAIL_FRAMES = 1;

/** What a mouth has to know of its call. */
export interface MouthFacts {
	ssrc: number;
	keys: ParticipantKeys;
	tagBytes: number;
	codec: SoundCodec;
	/** How many copies of the frames before each packet of MLow carries. */
	redundancy: number;
	/** Brings a packet to the caller: audio or report. */
	send: (packet: Buffer) => void;
	/** What it may report about the stream of the caller. */
	block: () => ReportBlock | undefined;
}

/** What is to be said: sound, or packets as they are. */
interface Words {
	/** Samples at 16 kHz. */
	pcm: Int16Array;
	payloads: readonly Uint8Array[];
	spoken: () => void;
}

/** How one device speaks: a packet every 60 ms from the accept on, and reports. */
export class Mouth {
	private readonly audio: SrtpSender;
	private readonly reports: SrtcpSender;
	private readonly cname = makeCname();
	private readonly words: Words[] = [];
	/** The last frames of MLow, for copies of them. */
	private readonly before: Buffer[] = [];
	private encoder: Encoder | undefined;
	private timer: NodeJS.Timeout | undefined;
	private startedAt = 0;
	private reportedAt = 0;
	private ticks = 0;
	private tail = 0;
	private sequence = randomInt(1, 32_768);
	private timestamp = randomInt(0, 2 ** 32);
	private octets = 0;
	private wasSilent = true;
	private stopped = false;

	constructor(
		private readonly facts: MouthFacts,
		private readonly seen: MediaSeen,
	) {
		this.audio = new SrtpSender(facts.keys.srtp, facts.tagBytes);
		this.reports = new SrtcpSender(facts.keys.srtcp);
	}

	start(): void {
		if (this.timer || this.stopped) return;
		this.startedAt = this.reportedAt = performance.now();
		this.sendReport(sourceDescription(this.facts.ssrc, this.cname));
		this.tick();
	}

	stop(): void {
		this.stopped = true;
		clearTimeout(this.timer);
		this.encoder?.free();
		this.encoder = undefined;
		for (const { spoken } of this.words.splice(0)) spoken();
	}

	/**
	 * Says something after all that is being said.
	 * @param pcm samples at 16 kHz
	 * @returns when its last packet was sent, or the call is over
	 */
	async speak(pcm: Int16Array): Promise<void> {
		const encoder = this.encoder ?? (await makeEncoder(this.facts.codec));
		if (this.stopped) return encoder.free();
		if (this.encoder === undefined) this.encoder = encoder;
		else if (this.encoder !== encoder) encoder.free();
		await this.say({ pcm });
	}

	/**
	 * Sends payloads as they are after all that is being said.
	 * @returns when the last one was sent, or the call is over
	 */
	async sendFrames(payloads: readonly Uint8Array[]): Promise<void> {
		if (!this.stopped) await this.say({ payloads });
	}

	private async say({ pcm = new Int16Array(), payloads = [] }: Partial<Words>): Promise<void> {
		await new Promise<void>((spoken) => this.words.push({ pcm, payloads, spoken }));
	}

	private tick(): void {
		this.sendAudio(this.nextPayload());
		const now = performance.now();
		if (now - this.reportedAt >= REPORT_MS) {
			this.reportedAt = now;
			this.sendCompound();
		}
		this.ticks++;
		const due = this.startedAt + this.ticks * FRAME_MS;
		this.timer = setTimeout(() => this.tick(), Math.max(0, due - now));
	}

	private nextPayload(): Buffer {
		const silence = SILENCE[this.facts.codec];
		const [first] = this.words;
		const [given, ...others] = first?.payloads ?? [];
		if (first && given) {
			first.payloads = others;
			this.endWords(first);
			return Buffer.from(given);
		}
		if (!this.encoder || (!first && this.tail === 0)) return silence;
		const frame = new Int16Array(FRAME_SAMPLES);
		if (first) {
			frame.set(first.pcm.subarray(0, FRAME_SAMPLES));
			first.pcm = first.pcm.subarray(FRAME_SAMPLES);
			this.tail = TAIL_FRAMES;
			this.endWords(first);
		} else this.tail--;
		const packet = Buffer.from(this.encoder.encode(frame));
		return this.facts.codec === 'escape' ? toEscape(packet) : packet;
	}

	private endWords({ pcm, payloads }: Words): void {
		if (pcm.length === 0 && payloads.length === 0) this.words.shift()?.spoken();
	}

	private sendAudio(frame: Buffer): void {
		const { codec, redundancy, ssrc, send } = this.facts;
		const isRed = redundancy > 0 && this.before.length > 0 && !isMlowSilence(frame);
		const payload = isRed ? withCopies(frame, this.before) : frame;
		if (redundancy > 0) {
			this.before.push(frame);
			this.before.splice(0, this.before.length - redundancy);
		}
		const silent = codec === 'opus' ? isNativeSilence(frame) : isMlowSilence(frame);
		const header = writeRtp({
			marker: codec !== 'opus' && !silent && this.wasSilent,
			payloadType: isRed ? RED_PAYLOAD_TYPE : AUDIO_PAYLOAD_TYPE,
			sequence: this.sequence,
			timestamp: this.timestamp,
			ssrc,
			...(silent && { words: SILENCE_WORD }),
		});
		this.wasSilent = silent;
		this.sequence = (this.sequence + 1) & 0xffff;
		this.timestamp = (this.timestamp + FRAME_SAMPLES) >>> 0;
		this.octets += payload.length;
		this.seen.sent++;
		send(this.audio.protect(header, payload));
	}

	private sendCompound(): void {
		const { block, ssrc } = this.facts;
		const facts = {
			ssrc,
			nowMs: Date.now(),
			rtpTimestamp: (this.timestamp - FRAME_SAMPLES) >>> 0,
			packets: this.seen.sent,
			octets: this.octets,
		};
		const parts = [senderReport(facts, block()), sourceDescription(ssrc, this.cname)];
		this.sendReport(Buffer.concat(parts));
	}

	private sendReport(report: Buffer): void {
		this.facts.send(this.reports.protect(report));
	}
}
