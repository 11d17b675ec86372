import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createServer } from '../../server';
import { eventually } from '../simulator/support/client';
import { everything } from '../support/contractServer/testClient';
import { ACCOUNT_TOKEN, eventsOf, House } from './support/house';

const OTHER_NUMBER = '4915112340000';

describe('the instances of a server', () => {
	let house: House;

	beforeEach(async () => {
		house = await House.start();
	});
	afterEach(async () => {
		await house.home.check();
		await house.close();
	});

	async function codeFor(number: string, name = 'main'): Promise<string> {
		const { body } = await house.send(`/api/instance/connect/${name}?number=${number}`);
		return (body as { pairingCode: string }).pairingCode;
	}

	it('are linked by pairing code, and tell their listeners', async () => {
		await house.create();
		const listener = await house.listen();
		await house.home.own.enterPairingCode(await codeFor(house.home.own.id));
		await house.connected();
		await eventually(() => eventsOf(listener).length >= 2);
		expect(eventsOf(listener).map(({ event, data }) => [event, data])).toEqual([
			['instance.state', { state: 'qr_ready', numberJid: null }],
			['instance.state', { state: 'connected', numberJid: house.home.own.jid }],
		]);
		listener.webSocket.terminate();
	});

	it('are side by side: each calls by itself, at the same time as the others', async () => {
		await house.linked();
		await house.create('second', 'second-token');
		const second = house.home.network.addPhone({ number: OTHER_NUMBER });
		await house.link('second', second);
		const people = [house.home.person(), house.home.person()];
		people.forEach((person) => person.trust(OTHER_NUMBER));
		const [one, two] = people.map(({ id }) => id);
		const calls = [
			house.send('/api/call/fake/main?wait=true', { body: { number: one, duration: 10 } }),
			house.send('/api/call/fake/second?wait=true', { body: { number: two, duration: 10 } }),
		];
		await eventually(() => house.home.network.ringing.length === 2);
		for (const { body } of await Promise.all(calls)) {
			expect(body).toMatchObject({ outcome: 'noAnswer', rang: true });
			expect(body).not.toHaveProperty('waitedSeconds');
		}
	});

	it('connect by themselves when the server is started again', async () => {
		await house.linked();
		await house.send('/api/events/websocket/main', { body: { enabled: true, events: [] } });
		await house.server.close();
		expect(house.home.connections).toBe(0);

		await house.open();
		await house.connected();
		expect(house.home.connections).toBe(1);
		const { body } = await house.send('/api/events/getWebsocket/main');
		expect(body).toMatchObject({ websocket: { enabled: true, events: [] } });
		expect((await house.fake(house.home.person(), {}, '?wait=true')).body).toMatchObject({
			outcome: 'noAnswer',
		});
	});

	it('connect again when the connection breaks, without a call', async () => {
		await house.linked();
		const listener = await house.listen();
		house.home.network.cut();
		await eventually(async () => (await house.stateOf()) !== 'connected');
		house.home.network.restore();
		await house.connected();
		await everything(listener);
		const states = eventsOf(listener).map(({ data }) => data.state);
		expect(states).toEqual(['disconnected', 'connected']);
		listener.webSocket.terminate();
	});

	it('that were pushed out by another connection stay out until the next call', async () => {
		await house.linked();
		house.home.network.replace(house.home.own);
		await eventually(async () => (await house.stateOf()) === 'disconnected');
		const { body } = await house.send('/api/instance/list');
		expect(JSON.stringify(body)).toContain('SESSION_REPLACED');
		expect((await house.fake(house.home.person(), {}, '?wait=true')).status).toBe(200);
		expect(await house.stateOf()).toBe('connected');
		house.home.network.cut();
		await eventually(async () => (await house.stateOf()) !== 'connected');
		house.home.network.restore();
		await house.connected();
	});

	it('that the phone removed are logged out, and can be linked again', async () => {
		await house.linked();
		const listener = await house.listen();
		house.home.network.logOut(house.home.own);
		await eventually(async () => (await house.stateOf()) === 'loggedout');
		expect(await house.fake(house.home.person())).toMatchObject({
			status: 500,
			body: {
				error: { message: expect.stringContaining('not connected') as unknown, code: 'LOGGED_OUT' },
			},
		});
		expect(eventsOf(listener).map(({ data }) => data.state)).toEqual(['logged_out']);
		listener.webSocket.terminate();

		await house.link();
		expect((await house.fake(house.home.person())).status).toBe(200);
	});

	it('that are logged out are removed from the account, in a call too', async () => {
		await house.linked();
		const person = house.home.person();
		const call = house.fake(person, { duration: 60 }, '?wait=true');
		await house.rings();
		expect((await house.send('/api/instance/logout/main', { method: 'POST' })).status).toBe(200);
		expect((await call).body).toMatchObject({ outcome: 'cancelled' });
		expect(await house.stateOf()).toBe('loggedout');
		expect(house.home.network.clientsOf(house.home.own)).toEqual([]);

		await house.link();
		expect(await house.stateOf()).toBe('connected');
	});

	it('that are deleted leave nothing behind', async () => {
		await house.linked();
		const { body } = await house.fake(house.home.person(), {}, '?wait=true');
		const { callId } = body as { callId: string };
		expect((await house.send('/api/instance/main', { method: 'DELETE' })).status).toBe(200);
		expect(house.home.network.clientsOf(house.home.own)).toEqual([]);
		expect(await readdir(house.home.data)).toEqual(['.server', 'instances.json']);
		await house.create();
		expect((await house.send(`/api/call/main/${callId}`)).status).toBe(404);
	});
});

describe('the keeping of instances', () => {
	let house: House;

	beforeAll(async () => {
		house = await House.start();
	});
	afterAll(async () => house.close());
	afterEach(async () => {
		const { body } = await house.send('/api/instance/list');
		for (const { name } of (body as { instances: { name: string }[] }).instances) {
			await house.send(`/api/instance/${name}`, { method: 'DELETE' });
		}
	});

	it('are as many as were allowed', async () => {
		await house.server.close();
		await house.open({ maximumInstances: 2 });
		const made = ['a', 'b', 'c'].map((name) => house.send('/api/instance/new', { body: { name } }));
		const statuses = (await Promise.all(made)).map(({ status }) => status);
		expect(statuses).toEqual([200, 200, 403]);
		expect(await house.send('/api/instance/new', { body: { name: 'd' } })).toMatchObject({
			body: { error: { message: 'Account instance quota exceeded' } },
		});
		await house.server.close();
		await house.open();
	});

	it.each(['a b', '../up', 'x'.repeat(65), 'é', '.server'])('are not called %j', async (name) => {
		expect(await house.send('/api/instance/new', { body: { name } })).toMatchObject({
			status: 400,
			body: {
				error: {
					message:
						'Invalid request body: name must have 1 to 64 letters, digits, dashes or underscores',
				},
			},
		});
	});

	it('are in a file for its owner only', async () => {
		await house.create();
		const path = join(house.home.data, 'instances.json');
		expect((await stat(path)).mode & 0o777).toBe(0o600);
		expect(JSON.parse(await readFile(path, 'utf8'))).toMatchObject({
			format: 1,
			instances: [{ name: 'main', token: 'instance-token' }],
		});
	});

	it('that cannot be kept are not made', async () => {
		const path = join(house.home.data, 'instances.json');
		await rm(path, { force: true });
		await mkdir(path);
		expect(await house.send('/api/instance/new', { body: { name: 'lost' } })).toMatchObject({
			status: 500,
			body: { error: { code: 'SESSION_UNREADABLE' } },
		});
		expect((await house.send('/api/instance/list')).body).toMatchObject({ instances: [] });
		await rm(path, { recursive: true });
		await house.create('lost');
	});

	it('that cannot be read are not overwritten', async () => {
		await house.create();
		await house.server.close();
		const path = join(house.home.data, 'instances.json');
		for (const text of ['{"format": 1, "inst', '{"format": 2, "instances": []}']) {
			await writeFile(path, text);
			await expect(house.open()).rejects.toMatchObject({ code: 'SESSION_UNREADABLE' });
			expect(await readFile(path, 'utf8')).toBe(text);
		}
		await rm(path);
		await house.open();
	});

	it('belong to one server', async () => {
		const { data, environment } = house.home;
		const second = createServer({
			accountToken: ACCOUNT_TOKEN,
			data,
			environment,
			port: 0,
			lockPatienceMs: 0,
		});
		await expect(second).rejects.toMatchObject({
			code: 'SESSION_IN_USE',
			message: expect.stringContaining(`in use by process ${process.pid}`) as unknown,
		});
		expect(existsSync(join(data, '.server', 'lock'))).toBe(true);
		await house.server.close();
		expect(existsSync(join(data, '.server', 'lock'))).toBe(false);
		await house.open();
	});
});
