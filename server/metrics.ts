import { monitorEventLoopDelay, type IntervalHistogram } from 'node:perf_hooks';
import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { CallReport } from '../common/report';
import { mediaPacing } from '../engine';
import type { CallKind } from './calls/callRecord';
import type { ConnectionState } from './instances/instance';

const PREFIX = 'whatsapp_call_';
const NANOSECONDS_PER_SECOND = 1e9;
const MILLISECONDS_PER_SECOND = 1_000;
const RESOLUTION_MS = 10;
const QUANTILES = [0.5, 0.99, 1];
const RING_BUCKETS = [1, 2, 5, 8, 10, 15, 20, 30, 45, 60];
const TALK_BUCKETS = [1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1_800];
const STATES: readonly ConnectionState[] = ['connected', 'connecting', 'disconnected', 'loggedout'];

export interface MetricsSources {
	/** Of all instances. */
	states: () => Promise<ConnectionState[]>;
	listeners: () => number;
}

/** Prometheus metrics; every value is of this server since it started. */
export class Metrics {
	private readonly registry = new Registry();
	private readonly delay: IntervalHistogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
	private readonly calls = this.counter('calls_total', 'Calls by kind and outcome', [
		'kind',
		'outcome',
	]);
	private readonly failures = this.counter(
		'call_errors_total',
		'Calls that reached nobody, by kind and error code',
		['kind', 'code'],
	);
	private readonly packets = this.counter('packets_total', 'Audio packets sent');
	private readonly latePackets = this.counter(
		'packets_late_total',
		'Audio packets that were sent more than 10 ms late',
	);
	private readonly skippedFrames = this.counter(
		'frames_skipped_total',
		'Audio frames that were never sent, because the thread stood still',
	);
	private readonly ringing = this.histogram('ring_seconds', 'How long calls rang', RING_BUCKETS);
	private readonly talking = this.histogram('talk_seconds', 'How long calls talked', TALK_BUCKETS);

	private readonly sessions = this.gauge('sessions', 'Instances by state', ['state']);
	private readonly listeners = this.gauge('websocket_listeners', 'Open event channels');
	private readonly delays = this.gauge(
		'event_loop_delay_seconds',
		'Delay of the event loop since the last scrape',
		['quantile'],
	);
	private readonly worstPacket = this.gauge(
		'packet_lateness_worst_seconds',
		'The latest audio packet since the last scrape',
	);
	private readonly memory = this.gauge('resident_memory_bytes', 'Memory of this process');

	constructor(private readonly sources: MetricsSources) {
		this.delay.enable();
	}

	get contentType(): string {
		return this.registry.contentType;
	}

	async text(): Promise<string> {
		const states = await this.sources.states();
		for (const state of STATES) {
			this.sessions.set({ state }, states.filter((one) => one === state).length);
		}
		this.listeners.set(this.sources.listeners());
		this.memory.set(process.memoryUsage.rss());
		this.takeDelay();
		await this.takePacing();
		return await this.registry.metrics();
	}

	ended(kind: CallKind, { outcome, ringSeconds, talkSeconds }: CallReport): void {
		this.calls.inc({ kind, outcome });
		if (ringSeconds !== undefined) {
			this.ringing.observe({ kind }, ringSeconds);
		}
		if (talkSeconds !== undefined) {
			this.talking.observe({ kind }, talkSeconds);
		}
	}

	failed(kind: CallKind, code: string): void {
		this.failures.inc({ kind, code });
	}

	close(): void {
		this.delay.disable();
	}

	private takeDelay(): void {
		const { delay, delays } = this;
		for (const quantile of QUANTILES) {
			const nanoseconds = delay.percentile(quantile * 100);
			delays.set({ quantile }, nanoseconds / NANOSECONDS_PER_SECOND);
		}
		delay.reset();
	}

	private async takePacing(): Promise<void> {
		const { packets, lateShare, skippedFrames, worstMs } = (await mediaPacing()) ?? NO_PACKETS;
		this.packets.inc(packets);
		this.latePackets.inc(Math.round(packets * lateShare));
		this.skippedFrames.inc(skippedFrames);
		this.worstPacket.set(worstMs / MILLISECONDS_PER_SECOND);
	}

	private counter(name: string, help: string, labelNames: string[] = []): Counter {
		const registers = [this.registry];
		return new Counter({ name: `${PREFIX}${name}`, help, labelNames, registers });
	}

	private histogram(name: string, help: string, buckets: number[]): Histogram {
		const registers = [this.registry];
		return new Histogram({
			name: `${PREFIX}${name}`,
			help,
			labelNames: ['kind'],
			buckets,
			registers,
		});
	}

	private gauge(name: string, help: string, labelNames: string[] = []): Gauge {
		const registers = [this.registry];
		return new Gauge({ name: `${PREFIX}${name}`, help, labelNames, registers });
	}
}

const NO_PACKETS = { packets: 0, lateShare: 0, skippedFrames: 0, worstMs: 0 };
