import type { MediaSurroundings } from '../../../../engine/media/mediaSession';
import { MediaSession, type MediaEvent } from '../../../../engine/media/mediaSession';
import type { MediaCall, MediaSummary } from '../../../../engine/media/messages';
import { Pacer } from '../../../../engine/media/pacer';
import type { AudioRecorder, RecordedPacket } from '../../../../engine/media/recorder';
import type { RelayLink } from '../../../../engine/media/relayLink';
import {
	classifyMessage,
	type RelayEndpoint,
	type RelayPoolOptions,
} from '../../../../engine/relay';
import { callOf, describeFrame, PEER, PeerDevice } from './calls';
import { FakeMediaClock } from './fakeClock';

export const WALL_CLOCK_MS = 1_766_847_151_250;

interface SentPacket {
	atMs: number;
	bytes: Buffer;
}

/** Relays that do what the test says. */
export class FakeRelays implements RelayLink {
	started = 0;
	closed = 0;
	readonly sent: SentPacket[] = [];
	readonly added: (readonly RelayEndpoint[])[] = [];
	readonly delivering: number[] = [];
	/** What close() waits for. */
	goodbye: Promise<void> = Promise.resolve();

	constructor(
		readonly options: RelayPoolOptions,
		private readonly clock: FakeMediaClock,
	) {}

	start(): void {
		this.started += 1;
	}

	add(endpoints: readonly RelayEndpoint[]): void {
		this.added.push(endpoints);
	}

	send(packet: Uint8Array): void {
		this.sent.push({ atMs: this.clock.nowMs(), bytes: Buffer.from(packet) });
	}

	delivered(relay: number): void {
		this.delivering.push(relay);
	}

	async close(): Promise<void> {
		this.closed += 1;
		await this.goodbye;
	}

	get rtp(): SentPacket[] {
		return this.sent.filter(({ bytes }) => classifyMessage(bytes) === 'rtp');
	}

	get rtcp(): SentPacket[] {
		return this.sent.filter(({ bytes }) => classifyMessage(bytes) === 'rtcp');
	}
}

export class FakeRecorder implements AudioRecorder {
	readonly packets: RecordedPacket[] = [];
	finished = 0;

	push(packet: RecordedPacket): void {
		this.packets.push({ ...packet, payload: Uint8Array.from(packet.payload) });
	}

	async finish() {
		this.finished += 1;
		return { ogg: Uint8Array.of(1, 2, 3), durationMs: this.packets.length * 60 };
	}
}

/** The media of a call, and everything around it. */
export class SessionRig {
	readonly clock = new FakeMediaClock();
	readonly told: MediaEvent[] = [];
	readonly recorders: FakeRecorder[] = [];
	readonly session: MediaSession;
	/** Hears what is sent. */
	readonly listener: PeerDevice;
	private pool: FakeRelays | undefined;

	constructor(changes: Partial<MediaCall> = {}, surroundings: Partial<MediaSurroundings> = {}) {
		const call = callOf(changes);
		this.listener = new PeerDevice(PEER, { tagBytes: call.tagBytes });
		this.session = new MediaSession(
			call,
			{
				clock: this.clock,
				pacer: new Pacer(this.clock),
				openRelays: (options) => (this.pool = new FakeRelays(options, this.clock)),
				createRecorder: () => {
					const recorder = new FakeRecorder();
					this.recorders.push(recorder);
					return recorder;
				},
				random: (length) => new Uint8Array(length).fill(0xff),
				wallClockMs: () => WALL_CLOCK_MS,
				...surroundings,
			},
			(event) => this.told.push(event),
		);
		this.session.start();
	}

	get relays(): FakeRelays {
		if (this.pool === undefined) {
			throw new Error('no relays');
		}
		return this.pool;
	}

	get types(): string[] {
		return this.told.map(({ type }) => type);
	}

	ready(): void {
		this.relays.options.events.ready();
	}

	receive(packet: Buffer, relay = 0): void {
		this.relays.options.events.packet(Buffer.from(packet), relay);
	}

	/** Frames sent so far, in short. */
	frames(): string {
		return this.relays.rtp
			.map(({ bytes }) => {
				const opened = this.listener.hear(bytes);
				if (typeof opened === 'string') {
					throw new Error(`a packet is ${opened}`);
				}
				const comfortNoise = bytes.readUInt16BE(14) === 1;
				return describeFrame({ payload: opened.payload, comfortNoise });
			})
			.join('');
	}

	async stop(): Promise<MediaSummary> {
		await this.session.stop();
		const last = this.told.at(-1);
		if (last?.type !== 'stopped') {
			throw new Error('it did not stop');
		}
		return last.summary;
	}
}
