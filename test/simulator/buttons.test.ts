import { Control } from '../../simulator/control';
import { child, children } from '../../simulator/wire/node';
import { listen, makeOffer, sendOffer } from './support/caller';
import { eventually } from './support/client';
import { quietBaileys } from './support/quiet';
import { World } from './support/world';

describe('the buttons of a phone', () => {
	let world: World;
	let control: Control;

	beforeAll(async () => {
		quietBaileys();
		world = await World.start();
		control = await Control.listen(world.network, '127.0.0.1', 0);
	});

	afterEach(async () => world.check());

	afterAll(async () => {
		await control.close();
		await world.close();
	});

	async function press(id: string, button: string): Promise<unknown> {
		const response = await fetch(`${control.url}/phones/${id}/${button}`, { method: 'POST' });
		return response.json();
	}

	it('answer and hang up, whatever the script says', async () => {
		const phone = world.addPhone();
		const heard = listen(world.client);
		await sendOffer(world.client, await makeOffer(world.client, phone));
		await eventually(() => phone.seen.calls[0]?.state === 'ringing');
		phone.answer();
		await eventually(() => heard.calls.some((call) => child(call, 'accept')));
		expect(phone.isInCall).toBe(true);
		phone.hangUp();
		await eventually(() => heard.calls.some((call) => child(call, 'terminate')));
		expect(phone.seen.calls).toMatchObject([{ state: 'ended', endedBy: 'self' }]);
	});

	it('decline, over HTTP', async () => {
		const phone = world.addPhone({ devices: 2 });
		const heard = listen(world.client);
		await sendOffer(world.client, await makeOffer(world.client, phone));
		await eventually(() => phone.seen.calls.length === 2);
		expect(await press(phone.id, 'decline')).toEqual({ pressed: 'decline' });
		await eventually(() => heard.calls.some((call) => child(call, 'reject')));
		expect(phone.seen.calls[0]).toMatchObject({ state: 'declined' });
	});

	it('do nothing when there is no call', async () => {
		const phone = world.addPhone();
		expect(() => phone.answer()).toThrow('does not ring');
		expect(() => phone.decline()).toThrow('does not ring');
		expect(() => phone.hangUp()).toThrow('is in no call');
		expect(await press(phone.id, 'answer')).toMatchObject({
			error: expect.stringContaining('does not ring') as string,
		});
	});
});

it('a network tells a watcher of every stanza, until it stops', async () => {
	const world = await World.start();
	const seen: string[] = [];
	const stop = world.network.watch(({ direction, device, stanza }) => {
		const [action] = children(stanza);
		if (stanza.tag === 'call') seen.push(`${direction} ${action?.tag} ${device?.account.number}`);
	});
	await sendOffer(world.client, await makeOffer(world.client, world.addPhone()));
	await eventually(() => seen.length === 2);
	stop();
	await sendOffer(world.client, await makeOffer(world.client, world.addPhone()));
	expect(seen).toEqual([`in offer ${world.own.id}`, `out preaccept ${world.own.id}`]);
	await eventually(() => world.network.unacknowledged.length === 0);
	await world.close();
});
