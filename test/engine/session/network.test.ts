import { mkdtemp, readFile, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { baileysPort, Session, type WASocket } from '../../../engine/session';
import { startNetwork, type Network, type Phone } from '../../../simulator';

const NUMBER = '5511999999999';

let data: string;
let network: Network;
let phone: Phone;
let lines: string[];
const sessions: Array<Session<WASocket>> = [];

beforeEach(async () => {
	data = await mkdtemp(join(tmpdir(), 'session-network-'));
	network = await startNetwork();
	phone = network.addPhone({ number: NUMBER });
	lines = [];
});
afterEach(async () => {
	await Promise.all(sessions.splice(0).map((session) => session.close()));
	await network.close();
	await rm(data, { recursive: true, force: true });
	expect(network.takeFaults()).toEqual([]);
});

function makeSession(keepWarmMs = 60_000, passphrase?: string): Session<WASocket> {
	const keep = (message: string, details?: object): void => {
		lines.push(`${message} ${JSON.stringify(details ?? {})}`);
	};
	const logger = { debug: keep, info: keep, warn: keep };
	const session = new Session<WASocket>({
		data,
		name: 'main',
		passphrase,
		keepWarmMs,
		logger,
		random: () => 0,
		port: baileysPort({
			webSocketUrl: network.url,
			noiseRootKey: Buffer.from(network.rootKey, 'hex'),
			logger,
		}),
	});
	sessions.push(session);
	return session;
}

async function linkByQr(session: Session<WASocket>): Promise<string> {
	const step = await session.link();
	if (step.state !== 'linking' || step.method !== 'qr') {
		throw new Error(`Expected a QR code, not ${step.state}`);
	}
	expect(step.expiresAt).toBeGreaterThan(Date.now());
	await phone.scan(step.qr);
	expect(await session.linked()).toMatchObject({ number: NUMBER });
	return step.qr;
}

describe('a session on a WhatsApp network', () => {
	it.each([undefined, 'secret words'])('is linked by a QR code (passphrase: %s)', async (words) => {
		const session = makeSession(60_000, words);
		expect(await session.status()).toEqual({ state: 'unlinked' });
		const qr = await linkByQr(session);
		expect(await session.status()).toEqual({
			state: 'connected',
			number: NUMBER,
			lid: phone.lid,
		});
		expect(await session.link()).toEqual({ state: 'linked', number: NUMBER, lid: phone.lid });
		await session.close();

		const again = makeSession(60_000, words);
		expect(await again.status()).toEqual({ state: 'linked', number: NUMBER, lid: phone.lid });
		await again.use(async ({ socket, identity }) => {
			expect(identity).toEqual({ number: NUMBER, lid: phone.lid });
			expect(await socket.onWhatsApp(NUMBER)).toMatchObject([{ exists: true }]);
		});
		const secrets = [qr, ...qr.split(','), 'secret words'].filter((part) => part.length > 6);
		expect(lines.filter((line) => secrets.some((secret) => line.includes(secret)))).toEqual([]);
	});

	it('is linked by a pairing code', async () => {
		const session = makeSession();
		const step = await session.link(NUMBER);
		if (step.state !== 'linking' || step.method !== 'code') {
			throw new Error('Expected a pairing code');
		}
		expect(step.code).toMatch(/^[0-9A-Z]{8}$/);
		expect(await session.link(NUMBER)).toEqual(step);
		expect(await session.status()).toMatchObject({ state: 'linking' });
		await phone.enterPairingCode(step.code);
		expect(await session.linked()).toMatchObject({ number: NUMBER });
		expect(lines.filter((line) => line.includes(step.code))).toEqual([]);
	});

	it('connects again when the line was cut while it is used', async () => {
		const session = makeSession();
		await linkByQr(session);
		const lease = await session.acquire();
		network.cut();
		await lease.closed;
		network.restore();
		await session.use(async ({ socket }) => {
			expect(socket).not.toBe(lease.socket);
			expect(await socket.onWhatsApp(NUMBER)).toMatchObject([{ exists: true }]);
		});
		lease.release();
	});

	it('does not come back by itself when it was replaced', async () => {
		const session = makeSession();
		await linkByQr(session);
		const lease = await session.acquire();
		network.replace(phone);
		expect(await lease.closed).toMatchObject({ code: 440 });
		expect(await session.status()).toMatchObject({
			state: 'linked',
			lastError: { code: 'SESSION_REPLACED' },
		});
		lease.release();
	});

	it('deletes its keys when the phone logs it out, and says so', async () => {
		const session = makeSession();
		await linkByQr(session);
		const lease = await session.acquire();
		network.logOut(phone);
		await lease.closed;
		lease.release();
		await session.close();
		expect(await readdir(join(data, 'main'))).not.toContain('creds');
		await expect(makeSession().acquire()).rejects.toMatchObject({ code: 'LOGGED_OUT' });
		expect(await makeSession().status()).toMatchObject({ state: 'loggedOut' });
	});

	it('logs out and can be linked again', async () => {
		const session = makeSession();
		await linkByQr(session);
		expect(await session.logOut()).toEqual({ removedFromAccount: true });
		expect(await session.status()).toEqual({ state: 'unlinked' });
		await expect(session.acquire()).rejects.toMatchObject({ code: 'NOT_LINKED' });
		await linkByQr(session);
	});

	it('lets go of everything some time after its last use', async () => {
		const session = makeSession(50);
		await linkByQr(session);
		await session.use(() => Promise.resolve());
		expect(session.isOpen).toBe(true);
		while (session.isOpen) {
			await new Promise((resolve) => setTimeout(resolve, 10));
		}
		await session.close();
		await expect(stat(join(data, 'main', 'lock'))).rejects.toMatchObject({ code: 'ENOENT' });
		expect(await readFile(join(data, 'main', 'creds'), 'utf8')).toContain(NUMBER);
	});
});
