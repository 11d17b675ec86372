import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Session } from '../../../engine/session';
import { FakePort, type FakeSocket } from './support/fakeSocket';
import { ManualClock, until } from './support/manualClock';

const NUMBER = '5511999999999';
const START = Date.UTC(2026, 0, 1);

let data: string;
let clock: ManualClock;
let port: FakePort;
let session: Session<FakeSocket>;

beforeEach(async () => {
	data = await mkdtemp(join(tmpdir(), 'session-linking-'));
	clock = new ManualClock(START);
	port = new FakePort();
	port.onSocket = (socket) => socket.update({ qr: `qr ${port.sockets.length}` });
	session = new Session({ data, name: 'main', port, clock, random: () => 1 });
});
afterEach(async () => {
	await session.close();
	await rm(data, { recursive: true, force: true });
});

describe('a link', () => {
	it('gives the QR code of the moment, with its end', async () => {
		expect(await session.link()).toEqual({
			state: 'linking',
			method: 'qr',
			qr: 'qr 1',
			expiresAt: START + 60_000,
		});
		clock.advance(60_000);
		const next = session.link();
		port.last.update({ qr: 'qr 1b' });
		expect(await next).toMatchObject({ qr: 'qr 1b', expiresAt: START + 80_000 });
		expect(port.sockets).toHaveLength(1);
		expect(await session.status()).toEqual({ state: 'linking' });
		await expect(session.acquire()).rejects.toMatchObject({ code: 'NOT_LINKED' });
	});

	it('gives one pairing code for a number', async () => {
		const step = await session.link(NUMBER);
		expect(step).toEqual({
			state: 'linking',
			method: 'code',
			code: 'ABCD1234',
			phone: NUMBER,
			expiresAt: START + 160_000,
		});
		port.last.update({ qr: 'second' });
		expect(await session.link(NUMBER)).toEqual(step);
	});

	it('starts anew for another number or way', async () => {
		await session.link();
		const first = port.last;
		expect(await session.link(NUMBER)).toMatchObject({ method: 'code' });
		expect(first.ended).toBe(true);
		expect(port.sockets).toHaveLength(2);
	});

	it('logs in after the restart that WhatsApp asks for', async () => {
		await session.link();
		const linked = session.linked();
		const { advSecretKey } = port.last.auth.creds;
		port.onSocket = (socket) => socket.open();
		port.last.pair();
		expect(await linked).toEqual({ number: NUMBER, lid: '123456789@lid' });
		expect(port.sockets).toHaveLength(2);
		expect(port.last.auth.creds.advSecretKey).toBe(advSecretKey);
		expect(await session.status()).toMatchObject({ state: 'connected' });
		await until(() => clock.waits.length === 1);
		expect(clock.waits).toEqual([60_000]);
	});

	it('goes on with a fresh identity when its socket closes', async () => {
		await session.link(NUMBER);
		const { advSecretKey, me } = port.last.auth.creds;
		expect(me).toBeDefined();
		let meAtStart: unknown = 'not seen';
		port.onSocket = (socket) => {
			meAtStart = socket.auth.creds.me;
			socket.update({ qr: 'qr' });
		};
		port.last.fail(408, 'QR refs attempts ended');
		await until(() => clock.waits.includes(1000));
		clock.advance(1000);
		await until(() => port.sockets.length === 2);
		expect(port.last.auth.creds.advSecretKey).not.toBe(advSecretKey);
		expect(await session.link(NUMBER)).toMatchObject({ method: 'code' });
		expect(meAtStart).toBeUndefined();
	});

	it('ends after three minutes', async () => {
		await session.link();
		const linked = session.linked();
		clock.advance(180_000);
		await expect(linked).rejects.toMatchObject({
			code: 'LINK_TIMEOUT',
			message: 'The device was not linked within 3 minutes',
		});
		expect(port.last.ended).toBe(true);
		expect(await session.status()).toMatchObject({
			state: 'unlinked',
			lastError: { code: 'LINK_TIMEOUT' },
		});
		await until(() => !session.isOpen);
		expect(await session.link()).toMatchObject({ qr: 'qr 2' });
	});

	it('that gets no code at all fails for whoever waits', async () => {
		port.onSocket = () => undefined;
		const step = session.link();
		await until(() => port.sockets.length === 1);
		clock.advance(180_000);
		await expect(step).rejects.toMatchObject({ code: 'LINK_TIMEOUT' });
	});

	it('stops when WhatsApp refuses the account', async () => {
		await session.link();
		const linked = session.linked();
		port.last.fail(403);
		await expect(linked).rejects.toMatchObject({ code: 'ACCOUNT_RESTRICTED' });
	});

	it('ends with the session', async () => {
		await session.link();
		const linked = session.linked();
		await Promise.all([
			expect(linked).rejects.toMatchObject({ code: 'CANCELLED' }),
			session.close(),
		]);
		expect(port.last.ended).toBe(true);
	});
});
