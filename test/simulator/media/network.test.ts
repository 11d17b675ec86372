import { tone, type Phone, type PhoneScript } from '../../../simulator';
import { Control } from '../../../simulator/control';
import { readWav, writeWav } from '../../../simulator/media/wav';
import { bytes, child, children } from '../../../simulator/wire/node';
import { listen } from '../support/caller';
import { eventually } from '../support/client';
import { quietBaileys } from '../support/quiet';
import { World } from '../support/world';
import { encode, MediaCaller } from './support/mediaCaller';

describe('the media of a network', () => {
	let world: World;
	let caller: MediaCaller | undefined;

	beforeAll(async () => {
		quietBaileys();
		world = await World.start({ ringLimitSeconds: 10_000 });
	});

	afterEach(async () => {
		await caller?.close();
		caller = undefined;
		await world.check();
	});

	afterAll(async () => world.close());

	function addPhone(script: Partial<PhoneScript>): Phone {
		return world.addPhone({ script: { onCall: 'answer', ...script } });
	}

	async function call(phone: Phone, relays?: number): Promise<MediaCaller> {
		return (caller = await MediaCaller.call(world, phone, relays));
	}

	async function answered(phone: Phone): Promise<void> {
		await eventually(() => phone.seen.calls.some(({ state }) => state === 'answered'));
	}

	it('is heard and told what to say over HTTP', async () => {
		const control = await Control.listen(world.network, '127.0.0.1', 0);
		const phone = addPhone({ afterSeconds: 0 });
		const caller = await call(phone);
		await answered(phone);
		await caller.talk(await encode(tone(440, 0.3)));
		const media = phone.mediaOf(0);
		await eventually(() => media.seen.packets === 5);
		const file = await fetch(`${control.url}/phones/${phone.id}/calls/0/heard`);
		expect(file.headers.get('content-type')).toContain('audio/wav');
		expect(readWav(Buffer.from(await file.arrayBuffer()))).toEqual(await media.heard());
		const said = await fetch(`${control.url}/phones/${phone.id}/speak`, {
			method: 'POST',
			headers: { 'content-type': 'audio/wav' },
			body: new Uint8Array(writeWav(tone(300, 0.2))),
		});
		expect(await said.json()).toEqual({ samples: 3200 });
		await eventually(() =>
			caller.hear(phone.lid).audio.some((one) => one.kind === 'packet' && one.payload.length > 15),
		);
		const post = (body: unknown) =>
			fetch(`${control.url}/faults`, {
				method: 'POST',
				headers: { 'content-type': 'application/json' },
				body: JSON.stringify(body),
			});
		expect((await post({ kind: 'relay', conditions: { loss: 'much' } })).status).toBe(400);
		expect((await post({ kind: 'relay', relay: 1, conditions: { silent: true } })).status).toBe(
			200,
		);
		const relays = (await (await fetch(`${control.url}/relays`)).json()) as unknown[];
		expect(relays).toMatchObject([
			{ conditions: { silent: false }, clients: [{ bridged: true }] },
			{ conditions: { silent: true }, fingerprint: world.network.relays.fingerprint },
		]);
		await post({ kind: 'relay', conditions: { silent: false } });
		expect((await post({ kind: 'endRelay' })).status).toBe(200);
		await eventually(() => caller.relays[0]?.closed);
		const { seen } = (await (await fetch(`${control.url}/phones/${phone.id}`)).json()) as Phone;
		expect(seen.calls[0]?.media).toMatchObject({ packets: 5, heardMs: 300 });
		await caller.hangUp(phone.lid);
		await control.close();
	});

	it('only counts, and takes longer tags, where the network is set so', async () => {
		const { settings } = world.network;
		Object.assign(settings, { hearing: 'count', warpTagBytes: 10 });
		const phone = addPhone({ afterSeconds: 0 });
		const caller = await call(phone);
		await answered(phone);
		await caller.talk((await encode(tone(440, 0.3))).slice(0, 4));
		await eventually(() => phone.mediaOf(0).seen.packets === 4);
		expect(phone.mediaOf(0).packets).toEqual([]);
		Object.assign(settings, { hearing: 'decode', warpTagBytes: 4 });
		await caller.hangUp(phone.lid);
	});

	it('is called over relays that the ack names fully, partly, or later', async () => {
		const { settings } = world.network;
		const extents = ['none', 'noTokens', 'ipv6', 'transport', 'relaylatency'] as const;
		for (const extent of extents) {
			settings.relayBlock = extent;
			const phone = addPhone({ onCall: 'ignore' });
			const heard = listen(world.client);
			const caller = await call(phone, 0);
			const relay = child(caller.ack, 'relay');
			if (extent === 'noTokens') expect(children(relay, 'token')).toEqual([]);
			else if (extent === 'ipv6') {
				expect(children(relay, 'te2').map((te2) => bytes(te2)?.length)).toEqual([18, 18]);
			} else expect(relay).toBeUndefined();
			if (extent === 'transport' || extent === 'relaylatency') {
				const late = await eventually(() => heard.calls.find((one) => child(one, extent)));
				expect(child(child(late, extent), 'relay')).toBeDefined();
			}
			await caller.hangUp(phone.lid);
			await eventually(() => phone.seen.calls[0]?.state === 'ended');
			await caller.close();
		}
		settings.relayBlock = 'full';
	});
});
