import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SessionPool, sessionPool, type SessionOptions } from '../../../engine/session';
import { FakePort, type FakeSocket } from './support/fakeSocket';

const POOL = Symbol.for('n8n-nodes-whatsapp-call.sessions');

let data: string;
let port: FakePort;
let pool: SessionPool<FakeSocket>;

beforeEach(async () => {
	data = await mkdtemp(join(tmpdir(), 'session-pool-'));
	port = new FakePort();
	port.onSocket = (socket) => socket.update({ qr: 'qr' });
	pool = new SessionPool();
});
afterEach(async () => {
	await pool.close();
	await rm(data, { recursive: true, force: true });
});

function options(more: Partial<SessionOptions<FakeSocket>> = {}): SessionOptions<FakeSocket> {
	return { data, name: 'main', port, ...more };
}

describe('the pool', () => {
	it('has one session for a folder, however that is written', () => {
		const session = pool.get(options());
		expect(pool.get(options({ data: join(data, 'x', '..'), keepWarmMs: 5 }))).toBe(session);
		expect(session.keepWarmMs).toBe(5);
		expect(pool.get(options())).toBe(session);
		expect(session.keepWarmMs).toBe(5);
		expect(pool.get(options({ name: 'other' }))).not.toBe(session);
		expect(() => pool.get(options({ name: '../x' }))).toThrow(
			expect.objectContaining({ code: 'INVALID_OPTION' }),
		);
	});

	it('lets nobody into an open session without its passphrase', async () => {
		const session = pool.get(options({ passphrase: 'right' }));
		// A mistake before the session was opened does no harm.
		expect(pool.get(options({ passphrase: 'wrong' }))).not.toBe(session);
		const right = pool.get(options({ passphrase: 'right' }));
		await right.link();
		for (const passphrase of ['wrong', undefined]) {
			expect(() => pool.get(options({ passphrase }))).toThrow(
				expect.objectContaining({ code: 'SESSION_UNREADABLE' }),
			);
		}
		expect(pool.get(options({ passphrase: 'right' }))).toBe(right);
	});

	it('closes everything, and drains what nobody uses', async () => {
		await pool.get(options()).link();
		await pool.get(options({ name: 'other' })).link();
		expect(pool.isIdle).toBe(false);
		await pool.drain();
		expect(pool.isIdle).toBe(true);
		expect(port.sockets.map(({ ended }) => ended)).toEqual([true, true]);
	});
});

it('the pool of the process is found again by a package that is loaded again', () => {
	const scope = globalThis as { [POOL]?: unknown };
	const listeners = process.listenerCount('SIGTERM');
	const own = sessionPool();
	expect(sessionPool()).toBe(own);
	expect(scope[POOL]).toBe(own);
	expect(process.listenerCount('SIGTERM')).toBe(listeners + 1);
	jest.isolateModules(() => {
		// eslint-disable-next-line @typescript-eslint/no-require-imports -- a second copy of the module
		const again = require('../../../engine/session/pool') as { sessionPool: typeof sessionPool };
		expect(again.sessionPool).not.toBe(sessionPool);
		expect(again.sessionPool()).toBe(own);
	});
	let closed = false;
	scope[POOL] = { version: 0, close: () => Promise.resolve((closed = true)) };
	expect(sessionPool()).toBeInstanceOf(SessionPool);
	expect(closed).toBe(true);
	delete scope[POOL];
});
