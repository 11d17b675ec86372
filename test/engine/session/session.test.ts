import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Session } from '../../../engine/session';
import { makeSessionFolder } from '../../../engine/session/folders';
import { SessionStore } from '../../../engine/session/sessionStore';
import { LINKED, plainCodec } from './support/codec';
import { FakePort, type FakeSocket } from './support/fakeSocket';
import { ManualClock, until } from './support/manualClock';

const NUMBER = '5511999999999';
const IDENTITY = { number: NUMBER, lid: '123456789@lid' };

let data: string;
let clock: ManualClock;
let port: FakePort;
let session: Session<FakeSocket>;

beforeEach(async () => {
	data = await mkdtemp(join(tmpdir(), 'session-life-'));
	clock = new ManualClock();
	port = new FakePort();
	session = new Session({ data, name: 'main', port, clock, random: () => 1 });
});
afterEach(async () => {
	port.onSocket = () => undefined;
	await session.close();
	await rm(data, { recursive: true, force: true });
});

async function linkBefore(): Promise<void> {
	const folder = await makeSessionFolder(data, 'main');
	const options = { folder, codec: plainCodec, now: Date.now, onDamage: () => undefined };
	const store = await SessionStore.open(options);
	Object.assign(store.creds, LINKED);
	await store.saveCreds();
	await store.close();
}

const opens = (socket: FakeSocket): void => socket.open();

describe('a linked session', () => {
	beforeEach(linkBefore);

	it('connects once for everybody and closes a minute after the last use', async () => {
		port.onSocket = opens;
		const leases = await Promise.all([session.acquire(), session.acquire()]);
		expect(leases[0]?.socket).toBe(leases[1]?.socket);
		expect(leases[0]?.identity).toEqual(IDENTITY);
		leases[0]?.release();
		leases[0]?.release();
		clock.advance(100_000);
		expect(port.last.ended).toBe(false);
		leases[1]?.release();
		await until(() => clock.waits.length > 0);
		expect(clock.waits).toEqual([60_000]);
		clock.advance(59_999);
		await session.use(({ socket }) => Promise.resolve(expect(socket).toBe(port.last)));
		await until(() => clock.waits.length > 0);
		clock.advance(59_999);
		expect(port.last.ended).toBe(false);
		clock.advance(1);
		await until(() => !session.isOpen);
		expect(port.sockets).toHaveLength(1);
		expect(port.last.ended).toBe(true);
		expect(await session.status()).toEqual({ state: 'linked', ...IDENTITY });
	});

	it('tries again with growing pauses, and says what is wrong after 45 s', async () => {
		port.onSocket = (socket) => socket.fail(428, 'Connection Terminated');
		const acquired = session.acquire();
		const pauses: number[] = [];
		acquired.catch(() => undefined);
		while (pauses.length < 5) {
			await until(() => clock.waits.length === 1);
			pauses.push(...clock.waits);
			clock.advance(clock.waits[0] ?? 0);
		}
		expect(pauses).toEqual([1000, 2000, 4000, 8000, 16_000]);
		await expect(acquired).rejects.toMatchObject({
			code: 'NETWORK_UNREACHABLE',
			message: 'WhatsApp cannot be reached: Connection Terminated',
		});
		expect(await session.status()).toMatchObject({ lastError: { code: 'NETWORK_UNREACHABLE' } });
	});

	it('connects at once when WhatsApp asks for a restart, but not for ever', async () => {
		port.onSocket = (socket) => socket.fail(515);
		const acquired = session.acquire();
		await until(() => clock.waits.length === 1);
		expect(port.sockets).toHaveLength(4);
		port.onSocket = opens;
		clock.advance(60_000);
		(await acquired).release();
	});

	it('makes a lost connection again while it is used, and not otherwise', async () => {
		port.onSocket = opens;
		const lease = await session.acquire();
		port.last.fail(428);
		expect(await lease.closed).toMatchObject({ code: 428 });
		await session.use(({ socket }) => Promise.resolve(expect(socket).not.toBe(lease.socket)));
		lease.release();
		await until(() => clock.waits.length === 1);
		port.last.fail(428);
		await until(() => !session.isOpen);
		expect(port.sockets).toHaveLength(2);
	});

	it.each([
		[440, 'SESSION_REPLACED', 'linked'],
		[403, 'ACCOUNT_RESTRICTED', 'restricted'],
		[402, 'ACCOUNT_RESTRICTED', 'restricted'],
		[411, 'LOGGED_OUT', 'linked'],
		[405, 'NOT_SUPPORTED', 'linked'],
	])('stops on %i, also while it is used, and keeps its keys', async (number, code, state) => {
		port.onSocket = (socket) => socket.fail(number);
		await expect(session.acquire()).rejects.toMatchObject({ code });
		port.onSocket = opens;
		const lease = await session.acquire();
		port.last.fail(number);
		await lease.closed;
		expect(port.sockets).toHaveLength(2);
		lease.release();
		await session.close();
		const later = new Session({ data, name: 'main', port, clock });
		expect(await later.status()).toMatchObject({ state, ...IDENTITY, lastError: { code } });
	});

	it('deletes its keys on 401, and tells so at the next use', async () => {
		port.onSocket = (socket) => socket.fail(401);
		await expect(session.acquire()).rejects.toMatchObject({ code: 'LOGGED_OUT' });
		await session.close();
		expect((await readdir(join(data, 'main'))).sort()).toEqual(['holder.json', 'last-error.json']);
		await expect(session.acquire()).rejects.toMatchObject({ code: 'LOGGED_OUT' });
		expect(port.sockets).toHaveLength(1);
	});

	it('keeps its keys when a proxy answers 401 or 403', async () => {
		port.onSocket = (socket) =>
			socket.fail(401, 'WebSocket Error (Unexpected server response: 401)');
		const acquired = session.acquire();
		await until(() => clock.waits.length === 1);
		port.onSocket = opens;
		clock.advance(1000);
		(await acquired).release();
	});

	it('can be closed while it connects, or waits to', async () => {
		const connecting = session.acquire();
		await until(() => port.sockets.length === 1);
		await Promise.all([
			expect(connecting).rejects.toMatchObject({ code: 'CANCELLED' }),
			session.close(),
		]);
		port.onSocket = (socket) => socket.fail(428);
		const waiting = session.acquire();
		await until(() => clock.waits.length === 1);
		await Promise.all([
			expect(waiting).rejects.toMatchObject({ code: 'CANCELLED' }),
			session.close(),
		]);
	});

	it('is left alone by an execution that is stopped', async () => {
		const stop = new AbortController();
		const stopped = session.acquire(stop.signal);
		const other = session.acquire();
		await until(() => port.sockets.length === 1);
		stop.abort();
		await expect(stopped).rejects.toMatchObject({ code: 'CANCELLED' });
		port.last.open();
		(await other).release();
		await expect(session.acquire(stop.signal)).rejects.toMatchObject({ code: 'CANCELLED' });
	});

	it('gives up on a socket that does not say goodbye', async () => {
		port.onSocket = opens;
		const lease = await session.acquire();
		port.last.polite = false;
		const closed = session.close();
		await until(() => clock.waits.includes(2000));
		clock.advance(2000);
		await closed;
		lease.release();
	});

	it('closes the connection when its keys cannot be written', async () => {
		port.onSocket = opens;
		const lease = await session.acquire();
		await rm(join(data, 'main'), { recursive: true });
		port.last.auth.creds.nextPreKeyId = 9;
		(port.last as unknown as { events: NodeJS.EventEmitter }).events.emit('creds.update', {});
		expect(await lease.closed).toMatchObject({ code: undefined });
		lease.release();
	});

	it('says that another one holds it', async () => {
		port.onSocket = opens;
		(await session.acquire()).release();
		const second = new Session({ data, name: 'main', port, clock });
		await expect(second.acquire()).rejects.toMatchObject({ code: 'SESSION_IN_USE' });
		await expect(second.logOut()).rejects.toMatchObject({ code: 'SESSION_IN_USE' });
		expect(await second.status()).toMatchObject({ state: 'linked' });
	});

	it('logs out without WhatsApp when that cannot be reached', async () => {
		port.onSocket = (socket) => socket.fail(403);
		expect(await session.logOut()).toEqual({ removedFromAccount: false });
		expect(await session.status()).toEqual({ state: 'unlinked' });
	});
});

it('a session that was never linked says so and lets go of its folder', async () => {
	await expect(session.acquire()).rejects.toMatchObject({ code: 'NOT_LINKED' });
	await until(() => !session.isOpen);
	expect(port.sockets).toHaveLength(0);
});
