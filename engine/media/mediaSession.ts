import { FRAME_MS } from '../audio/types';
import {
	classifyMessage,
	type CancelTimer,
	type MediaClock,
	type RandomBytes,
	type RelayEndpoint,
} from '../relay';
import type { MediaAnswer, MediaCall } from './messages';
import type { Pacer } from './pacer';
import { Reception } from './reception';
import type { AudioRecorder, CreateRecorder } from './recorder';
import type { OpenRelays, RelayLink } from './relayLink';
import { Transmission } from './transmission';

/** A recipient that is recorded and sends nothing for so long is gone. */
const SILENCE_LIMIT_MS = 20_000;
/** Relays are told goodbye; nobody waits longer for it. */
const CLOSE_LIMIT_MS = 1000;

type WithoutId<Message> = Message extends { id: number } ? Omit<Message, 'id'> : never;
/** What a call's media tell, as the messages to the main thread do. */
export type MediaEvent = WithoutId<MediaAnswer>;

/** What the calls of a thread have in common. */
export interface MediaSurroundings {
	clock: MediaClock;
	pacer: Pick<Pacer, 'add'>;
	openRelays: OpenRelays;
	createRecorder: CreateRecorder;
	random: RandomBytes;
	/** Milliseconds since 1970. */
	wallClockMs: () => number;
}

/**
 * The media of one call: silence as soon as a relay serves us, the recording once the call is
 * answered, reports, and what the recipient sends.
 */
export class MediaSession {
	private readonly transmission: Transmission;
	private readonly reception: Reception;
	private readonly relays: RelayLink;
	private readonly clock: MediaClock;
	private endTicks: CancelTimer = () => undefined;
	private nextTickMs = Number.NEGATIVE_INFINITY;
	private toldSound = false;
	private toldFinished = false;
	private over = false;
	private stopping: Promise<void> | undefined;

	/**
	 * @param tell must not throw; nothing is told before start()
	 * @throws RangeError when the call key or the length of the tags is not what it should be
	 */
	constructor(
		private readonly call: MediaCall,
		private readonly surroundings: MediaSurroundings,
		private readonly tell: (event: MediaEvent) => void,
	) {
		const { clock, random, wallClockMs } = surroundings;
		this.clock = clock;
		this.transmission = new Transmission(call, random, wallClockMs);
		this.reception = new Reception(call, this.transmission.ssrc, this.openRecorder());
		if (call.answeringDevice !== undefined) {
			this.rekey(call.answeringDevice);
		}
		this.relays = this.openRelays();
	}

	/** Begins to connect. Once. */
	start(): void {
		this.relays.start();
	}

	addRelays(endpoints: readonly RelayEndpoint[]): void {
		this.relays.add(endpoints);
	}

	/** The recipient answered with this device. */
	rekey(device: string): void {
		this.reception.answered(device, this.clock.nowMs());
	}

	/** The recipient's capability: what we send follows it, at any moment. */
	peerSpeaksMlow(mlow: boolean): void {
		this.reception.expectMlow(mlow);
		this.transmission.speakMlow(mlow);
	}

	/** Answered and connected. */
	play(): void {
		const nowMs = this.clock.nowMs();
		this.reception.answered(undefined, nowMs);
		this.transmission.play(Math.max(0, this.nextTickMs - nowMs));
	}

	/** Ends the media and tells `stopped`, the last event of all. Twice is fine; never rejects. */
	async stop(): Promise<void> {
		await (this.stopping ??= this.end());
	}

	private openRelays(): RelayLink {
		const { endpoints, relayFingerprint, relayKey } = this.call;
		return this.surroundings.openRelays({
			endpoints,
			key: relayKey,
			streamSsrcs: this.transmission.streamSsrcs,
			...(relayFingerprint !== undefined && { fingerprint: relayFingerprint }),
			clock: this.clock,
			events: {
				ready: () => this.guard(() => this.ready()),
				failed: (reason) => this.fail(reason),
				packet: (packet, relay) => this.guard(() => this.receive(packet, relay)),
			},
		});
	}

	private openRecorder(): AudioRecorder | undefined {
		const { codec, recordAtMostMs } = this.call;
		return recordAtMostMs === undefined
			? undefined
			: this.surroundings.createRecorder({ codec, atMostMs: recordAtMostMs });
	}

	private ready(): void {
		this.relays.send(this.transmission.describe());
		this.endTicks = this.surroundings.pacer.add((skipped) => this.guard(() => this.tick(skipped)));
		this.tell({ type: 'relayReady' });
	}

	private tick(skippedFrames: number): void {
		const nowMs = this.clock.nowMs();
		this.nextTickMs = nowMs + FRAME_MS;
		this.relays.send(this.transmission.nextFrame(skippedFrames));
		const report = this.transmission.nextReport(this.reception.stats, nowMs);
		if (report !== undefined) {
			this.relays.send(report);
		}
		if (!this.toldFinished && (this.transmission.finished || this.isAbandoned())) {
			this.toldFinished = true;
			this.tell({ type: 'audioFinished' });
		}
	}

	/**
	 * Whether there is nobody to be recorded any more. Whoever was never heard may hear us all the
	 * same (protocol page 01, "Timers"): then everything is said first.
	 */
	private isAbandoned(): boolean {
		return (
			this.call.recordAtMostMs !== undefined &&
			this.reception.silentMs(this.clock.nowMs()) >= SILENCE_LIMIT_MS &&
			(this.reception.hasSign || this.transmission.saidAll)
		);
	}

	private receive(packet: Buffer, relay: number): void {
		const nowMs = this.clock.nowMs();
		if (classifyMessage(packet) === 'rtcp') {
			const compound = this.reception.takeRtcp(packet, nowMs);
			if (compound !== undefined) {
				this.transmission.heardReport(compound, nowMs);
			}
			return;
		}
		const received = this.reception.takeRtp(packet, nowMs);
		if (received !== 'refused') {
			this.relays.delivered(relay);
		}
		if (received === 'sound' && !this.toldSound) {
			this.toldSound = true;
			this.tell({ type: 'peerAudio' });
		}
	}

	/** What the network sends must not end the thread, which is that of other calls too. */
	private guard(work: () => void): void {
		if (this.over) {
			return;
		}
		try {
			work();
		} catch (error) {
			this.fail(`fault in the media: ${error instanceof Error ? error.message : 'unknown'}`);
		}
	}

	private fail(reason: string): void {
		if (!this.over) {
			this.over = true;
			this.endTicks();
			this.tell({ type: 'relayFailed', reason });
		}
	}

	private async end(): Promise<void> {
		this.over = true;
		this.endTicks();
		const { codec: codecSent, packets: packetsSent, playedMs } = this.transmission;
		const [received] = await Promise.all([this.reception.finish(), this.closeRelays()]);
		this.tell({ type: 'stopped', summary: { playedMs, codecSent, packetsSent, ...received } });
	}

	private async closeRelays(): Promise<void> {
		await new Promise<void>((resolve) => {
			const cancel = this.clock.setTimer(CLOSE_LIMIT_MS, resolve);
			const closed = () => {
				cancel();
				resolve();
			};
			this.relays.close().then(closed, closed);
		});
	}
}
