import { randomBytes } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { type DialTarget, preloadChannel } from '../../../engine/relay';
import { Client, until } from './support/client';
import { EchoPeer, type EchoPeerOptions } from './support/echoPeer';
import { LossyLine } from './support/lossyLine';

function numbered(number: number, bytes = 150): Buffer {
	const message = Buffer.alloc(bytes, 0x55);
	message.writeUInt16BE(0x8078, 0);
	message.writeUInt16BE(number, 2);
	return message;
}

describe('a channel over werift', () => {
	const releases: (() => Promise<unknown>)[] = [];

	async function peer(options?: EchoPeerOptions): Promise<EchoPeer> {
		const started = await EchoPeer.start(options);
		releases.push(() => started.close());
		return started;
	}

	function dial(port: number, changes?: Partial<DialTarget>): Client {
		const client = new Client(port, changes);
		releases.push(() => client.channel.close());
		return client;
	}

	beforeAll(() => preloadChannel());

	afterEach(async () => {
		for (const release of releases.splice(0).reverse()) {
			await release();
		}
	});

	it('opens and carries messages both ways, and leaves the bytes to the caller', async () => {
		const relay = await peer();
		const client = dial(relay.port);
		await client.opened;
		const scratch = numbered(0);
		for (let number = 0; number < 100; number += 1) {
			scratch.writeUInt16BE(number, 2);
			client.channel.send(scratch);
			await wait(1);
		}
		// Several within one turn wait for each other.
		for (let number = 100; number < 110; number += 1) {
			scratch.writeUInt16BE(number, 2);
			client.channel.send(scratch);
		}
		await client.heard(110);
		const numbers = client.received.map((message) => message.readUInt16BE(2));
		expect(new Set(numbers).size).toBe(110);
		expect(client.received[0]).toEqual(numbered(0));
		expect(client.channel.answered).toBe(true);
	});

	it('accepts the certificate that was announced and refuses any other', async () => {
		const relay = await peer();
		const trusted = dial(relay.port, { fingerprint: relay.fingerprint });
		await trusted.opened;
		const wrong = Array.from({ length: 32 }, () => 'AB').join(':');
		const refused = dial(relay.port, { fingerprint: wrong });
		expect(await refused.ended).toEqual({
			kind: 'untrusted',
			reason: 'the relay has an unknown certificate',
		});
	});

	it('says that a port is closed', async () => {
		const relay = await EchoPeer.start();
		const { port } = relay;
		await relay.close();
		expect(await dial(port).ended).toEqual({ kind: 'unreachable', reason: 'ECONNREFUSED' });
	});

	it('loses messages rather than waiting for them', async () => {
		const relay = await peer();
		const line = await LossyLine.to(relay.port);
		releases.push(() => line.close());
		const client = dial(line.port);
		await client.opened;
		line.loss = 0.2;
		const sentAtMs: number[] = [];
		for (let number = 0; number < 300; number += 1) {
			sentAtMs.push(performance.now());
			client.channel.send(numbered(number));
			await wait(5);
		}
		await wait(300);
		const delays = client.receivedAtMs
			.map((at, number) => at - (sentAtMs[number] ?? 0))
			.filter((delay) => !Number.isNaN(delay));
		// 0.8 * 0.8 of them come back.
		expect(delays.length).toBeGreaterThan(300 * 0.5);
		expect(delays.length).toBeLessThan(300 * 0.8);
		// Waiting for a repetition would take a second.
		expect(Math.max(...delays)).toBeLessThan(900);
	});

	it('opens over a line that loses datagrams from the beginning', async () => {
		const relay = await peer();
		const line = await LossyLine.to(relay.port);
		releases.push(() => line.close());
		line.loss = 0.25;
		await dial(line.port).opened;
	});

	it.each([2, 11, 12, 14])(
		'stays open when message %d of the handshake came only when it was repeated',
		async (type) => {
			const relay = await peer();
			const line = await LossyLine.to(relay.port);
			releases.push(() => line.close());
			line.losesHandshake = type;
			const client = dial(line.port);
			await client.opened;
			expect(line.losesHandshake).toBeUndefined();
			// Whatever waited for the message looks for it less and less often.
			await wait(700);
			client.channel.send(numbered(1));
			await client.heard(1);
		},
	);

	it('proves itself by ICE when asked, and opens then', async () => {
		const relay = await peer({ iceUsername: 'cmVtb3Rl' });
		const client = dial(relay.port);
		await wait(50);
		expect(client.channel.answered).toBe(false);
		client.channel.checkByIce({ remoteUfrag: 'cmVtb3Rl', password: 'key' });
		await client.opened;
		expect(relay.checks).toBeGreaterThanOrEqual(1);
	});

	it('stays silent with a relay that is silent, and closes at once', async () => {
		const relay = await peer({ silent: true });
		const client = dial(relay.port);
		await wait(100);
		const startedMs = performance.now();
		await client.channel.close();
		expect(performance.now() - startedMs).toBeLessThan(2_000);
		expect(client.channel.answered).toBe(false);
	});

	it.each([
		['aborts', (relay: EchoPeer) => relay.hangUp(), 'the relay aborted the channel'],
		['says goodbye', (relay: EchoPeer) => relay.sayGoodbye(), 'the relay closed the connection'],
	])('hears that the relay %s', async (_how, hangUp, reason) => {
		const relay = await peer();
		const client = dial(relay.port);
		await client.opened;
		await hangUp(relay);
		expect(await client.ended).toEqual({ kind: 'ended', reason });
		client.channel.send(numbered(1));
	});

	it('goes on when the relay never says that it gave a message up', async () => {
		const relay = await peer();
		const client = dial(relay.port);
		await client.opened;
		relay.skipOne();
		for (let number = 0; number < 300; number += 1) {
			await relay.sayMessage(0, 53, numbered(number));
		}
		await client.heard(300);
		await until(() => relay.unacknowledged < 150);
	});

	it('survives whatever else comes to its port', async () => {
		const relay = await peer();
		const client = dial(relay.port);
		await client.opened;
		for (let first = 0; first < 256; first += 1) {
			relay.sendRaw(Buffer.concat([Buffer.from([first]), randomBytes(first)]));
			for (const epoch of [0, 1]) {
				relay.sendRaw(Buffer.from([first, 254, 253, 0, epoch, 0, 0, 0, 0, 0, 9, 0, 2, 2, 0]));
			}
		}
		await wait(100);
		client.channel.send(numbered(7));
		await client.heard(1);
	});

	it('survives whatever the relay says inside', async () => {
		const unheard: unknown[] = [];
		const note = (error: unknown): number => unheard.push(error);
		process.on('unhandledRejection', note);
		const relay = await peer();
		const client = dial(relay.port);
		await client.opened;
		for (let bytes = 0; bytes < 200; bytes += 1) {
			await relay.say(randomBytes(bytes));
		}
		for (const kind of [0, 50, 51, 52, 54, 56, 57, 99]) {
			await relay.sayMessage(0, kind, numbered(kind));
		}
		await relay.sayMessage(1, 53, numbered(1));
		await client.heard(1);
		await wait(100);
		process.off('unhandledRejection', note);
		expect(client.received).toEqual([numbered(51)]);
		expect(unheard).toEqual([]);
	});

	it('drops media and nothing else when the line is full', async () => {
		const relay = await peer();
		const client = dial(relay.port);
		await client.opened;
		for (let number = 0; number < 1000; number += 1) {
			client.channel.send(numbered(number, 1000));
		}
		const ping = Buffer.alloc(20);
		client.channel.send(ping);
		await until(() => relay.messages.some((message) => message.equals(ping)));
		expect(relay.messages.length).toBeLessThan(400);
		expect(relay.messages.length).toBeGreaterThan(200);
		client.channel.send(Buffer.alloc(1201, 0x80));
		await wait(50);
		expect(relay.messages.every((message) => message.length <= 1000)).toBe(true);
	});

	it('leaves nothing behind', async () => {
		const relay = await peer();
		const cycle = async (): Promise<number> => {
			const client = new Client(relay.port);
			await client.opened;
			client.channel.send(numbered(1));
			await client.heard(1);
			const startedMs = performance.now();
			await client.channel.close();
			await client.channel.close();
			client.channel.send(numbered(2));
			return performance.now() - startedMs;
		};
		await cycle();
		await wait(2500);
		const before = process.getActiveResourcesInfo().length;
		for (let round = 0; round < 20; round += 1) {
			expect(await cycle()).toBeLessThan(2_000);
		}
		// The peer's own timers of werift run out.
		await wait(2500);
		expect(process.getActiveResourcesInfo().length).toBeLessThanOrEqual(before);
	});
});
