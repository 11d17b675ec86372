import { join } from 'node:path';
import { Secrets } from '../phone/support/secrets';
import type { Home } from '../phone/support/home';
import { received, send, startHome, workshop } from './support';

let home: Home;
let printed: unknown[][];

beforeEach(async () => {
	printed = [];
	for (const level of ['debug', 'error', 'info', 'log', 'warn'] as const) {
		jest.spyOn(console, level).mockImplementation((...values) => void printed.push(values));
	}
	home = await startHome();
});
afterEach(async () => {
	jest.restoreAllMocks();
	await home.close();
	await workshop.close();
});

test('what the engine says of voice notes holds no key, permission, address or number', async () => {
	const phone = await home.linked();
	const person = home.person();
	const group = home.network.addGroup([home.own, person]);
	await send(phone, person);
	await send(phone, group);
	await received(person, 2);
	home.network.media.uploads = 'refuse';
	await expect(send(phone, person)).rejects.toMatchObject({ code: 'NETWORK_UNREACHABLE' });
	home.network.media.uploads = 'take';
	await person.setScript({ refuseMessage: 463 });
	await expect(send(phone, person)).rejects.toMatchObject({ code: 'ACCOUNT_RESTRICTED' });

	const secrets = new Secrets();
	await secrets.addCreds(join(home.data, 'main'));
	secrets.add(home.network.media.auth, person.id, person.lid.split('@')[0]);
	secrets.addBytes(person.mediaKeyOf(0));
	secrets.addBytes(person.mediaKeyOf(1));
	expect(home.lines.length).toBeGreaterThan(0);
	expect(secrets.in(home.lines)).toEqual([]);
	expect(home.lines.filter((line) => /token=|auth=|\/v\/t24\//.test(line))).toEqual([]);
	expect(printed).toEqual([]);
	expect(secrets.in([`key ${person.mediaKeyOf(0).toString('hex')}`])).toHaveLength(1);
});
