import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { Worker } from 'node:worker_threads';
import type {
	MediaAnswer,
	MediaCall,
	MediaHandle,
	MediaThread as Thread,
} from '../../../engine/media';
import { classifyMessage } from '../../../engine/relay';
import { EchoPeer } from '../relay/support/echoPeer';
import { relay } from '../relay/support/relays';
import { callOf, framesOf, PeerDevice, planOf, TABLET } from './support/calls';

const MEDIA = join(__dirname, '../../../dist/engine/media');

// As n8n loads it, after the build: a worker thread needs JavaScript.
// eslint-disable-next-line @typescript-eslint/no-require-imports -- see above
const { MediaThread } = require(MEDIA) as { MediaThread: new () => Thread };

/** A call's media and what they told. */
class Told {
	readonly answers: MediaAnswer[] = [];
	readonly handle: MediaHandle;
	private waiting: (() => void)[] = [];

	constructor(thread: Thread, changes: Partial<MediaCall> = {}) {
		this.handle = thread.start(callOf(changes), (answer) => {
			this.answers.push(answer);
			this.waiting.splice(0).forEach((wake) => wake());
		});
	}

	get types(): string[] {
		return this.answers.map(({ type }) => type);
	}

	async until<Type extends MediaAnswer['type']>(
		type: Type,
	): Promise<Extract<MediaAnswer, { type: Type }>> {
		for (;;) {
			const found = this.answers.find((answer) => answer.type === type);
			if (found !== undefined) {
				return found as Extract<MediaAnswer, { type: Type }>;
			}
			await new Promise<void>((resolve) => this.waiting.push(resolve));
		}
	}
}

function workerOf(thread: Thread): Worker | undefined {
	return (thread as unknown as { worker?: Worker }).worker;
}

describe('the media thread', () => {
	let thread: Thread;
	const releases: (() => Promise<unknown>)[] = [];

	beforeEach(() => {
		thread = new MediaThread();
		releases.push(() => thread.close());
	});

	afterEach(async () => {
		for (const release of releases.splice(0).reverse()) {
			await release();
		}
	});

	async function startRelay(): Promise<EchoPeer> {
		const peer = await EchoPeer.start({ grants: true });
		releases.push(() => peer.close());
		return peer;
	}

	const endpointOf = ({ port }: EchoPeer) => relay(1, { address: '127.0.0.1', port });

	test('does not start before the first call', async () => {
		expect(workerOf(thread)).toBeUndefined();
		expect(await thread.pacing()).toBeUndefined();
	});

	test('a whole call over a relay: silence, the recording, the recipient, the end', async () => {
		const peer = await startRelay();
		const call = new Told(thread, {
			endpoints: [endpointOf(peer)],
			plan: planOf({ frames: framesOf(10), repeat: 2 }),
			recordAtMostMs: 60_000,
		});
		await call.until('relayReady');
		await sleep(300);
		call.handle.rekey(TABLET);
		call.handle.play();
		const tablet = new PeerDevice(TABLET);
		for (let packet = 0; packet < 10; packet++) {
			await peer.sayMessage(0, 53, tablet.say(Buffer.alloc(30, 0x58)));
		}
		await call.until('peerAudio');
		await call.until('audioFinished');
		call.handle.stop();
		const { summary } = await call.until('stopped');
		expect(call.types).toEqual(['relayReady', 'peerAudio', 'audioFinished', 'stopped']);
		expect(summary).toMatchObject({ playedMs: 1200, codecSent: 'opus', recipientCodec: 'opus' });
		expect(summary.packetsReceived).toBeGreaterThan(5);
		expect(
			Buffer.from(summary.recording?.ogg ?? [])
				.subarray(0, 4)
				.toString(),
		).toBe('OggS');
		const heard = peer.messages
			.filter((message) => classifyMessage(message) === 'rtp')
			.map((message) => tablet.hear(message))
			.filter((opened) => typeof opened === 'object');
		// Loopback loses nothing worth speaking of.
		expect(heard.length).toBeGreaterThan(summary.packetsSent - 5);
		expect(heard.filter(({ payload }) => payload.length > 1)).toHaveLength(20);
		const report = await thread.pacing();
		expect(report?.packets).toBe(summary.packetsSent);
	});

	test('calls share frames and disturb each other in nothing', async () => {
		const peer = await startRelay();
		const plan = planOf({ frames: framesOf(10) });
		const calls = Array.from(
			{ length: 5 },
			() => new Told(thread, { endpoints: [endpointOf(peer)], plan }),
		);
		await Promise.all(calls.map((call) => call.until('relayReady')));
		calls[0]?.handle.stop();
		calls.slice(1).forEach(({ handle }) => handle.play());
		await Promise.all(calls.slice(1).map((call) => call.until('audioFinished')));
		expect((await calls[0]?.until('stopped'))?.summary.playedMs).toBe(0);
		calls.forEach(({ handle }) => handle.stop());
		for (const call of calls.slice(1)) {
			expect((await call.until('stopped')).summary.playedMs).toBe(600);
		}
	});

	test('without relays a call fails, and is stopped when it is told to', async () => {
		const call = new Told(thread);
		expect((await call.until('relayFailed')).reason).not.toBe('');
		expect(call.types).toEqual(['relayFailed']);
		call.handle.stop();
		await call.until('stopped');
		call.handle.stop();
		call.handle.play();
		call.handle.rekey(TABLET);
		call.handle.peerSpeaksMlow(true);
		call.handle.addRelays([]);
		await sleep(50);
		expect(call.types).toEqual(['relayFailed', 'stopped']);
	});

	test('what is no call fails alone', async () => {
		const broken = new Told(thread, { callKey: Buffer.alloc(3) });
		const other = new Told(thread);
		await broken.until('stopped');
		expect(broken.types).toEqual(['relayFailed', 'stopped']);
		expect(workerOf(thread)).toBeDefined();
		other.handle.stop();
		await other.until('stopped');
	});

	test('a thread that crashes ends its calls, and the next call has a new one', async () => {
		const peer = await startRelay();
		const call = new Told(thread, { endpoints: [endpointOf(peer)] });
		await call.until('relayReady');
		const worker = workerOf(thread);
		const report = thread.pacing();
		await report;
		worker?.postMessage(null);
		const lost = thread.pacing();
		await call.until('stopped');
		expect(call.types).toEqual(['relayReady', 'relayFailed', 'stopped']);
		expect((await call.until('relayFailed')).reason).toContain('the media thread is lost');
		expect(await lost).toBeUndefined();
		expect(workerOf(thread)).toBeUndefined();
		const next = new Told(thread, { endpoints: [endpointOf(peer)] });
		await next.until('relayReady');
		expect(workerOf(thread)).not.toBe(worker);
		next.handle.stop();
		await next.until('stopped');
	});

	test('closing stops calls and the thread, and then there are no more calls', async () => {
		const peer = await startRelay();
		const call = new Told(thread, { endpoints: [endpointOf(peer)] });
		await call.until('relayReady');
		const startedMs = performance.now();
		await Promise.all([thread.close(), thread.close()]);
		expect(performance.now() - startedMs).toBeLessThan(10_000);
		expect(call.types).toEqual(['relayReady', 'stopped']);
		const late = new Told(thread);
		expect(late.types).toEqual([]);
		await late.until('stopped');
		expect(late.types).toEqual(['relayFailed', 'stopped']);
	});

	test('an idle thread does not keep the process alive', async () => {
		const script = `
			const { MediaThread } = require(${JSON.stringify(MEDIA)});
			const call = ${JSON.stringify({ ...callOf(), callKey: undefined, plan: undefined })};
			const frames = {
				payloads: new Uint8Array(0), payloadBytes: new Uint16Array(0), comfortNoise: new Uint8Array(0),
			};
			const plan = { frames, repeat: 1, pauseBetweenRepeatsMs: 0, stayMs: 0 };
			const handle = new MediaThread().start({ ...call, callKey: new Uint8Array(32), plan }, (answer) => {
				console.log(answer.type);
				handle.stop();
			});
		`;
		const { stdout } = await promisify(execFile)(process.execPath, ['-e', script], {
			timeout: 10_000,
		});
		expect(stdout.trim().split('\n')).toEqual(['relayFailed', 'stopped']);
	});
});
