import { Control } from '../../simulator/control';
import { startNetwork, type Network } from '../../simulator';
import { makeOffer, sendOffer } from './support/caller';
import { TestClient } from './support/client';
import { quietBaileys } from './support/quiet';

describe('the HTTP control', () => {
	let network: Network;
	let control: Control;

	beforeEach(async () => {
		quietBaileys();
		network = await startNetwork({ secondMs: 20 });
		control = await Control.listen(network, '127.0.0.1', 0);
	});

	afterEach(async () => {
		await control.close();
		await network.close();
	});

	async function ask(method: string, path: string, body?: unknown) {
		const response = await fetch(`${control.url}${path}`, {
			method,
			...(body === undefined
				? {}
				: { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
		});
		return { status: response.status, body: (await response.json()) as Record<string, unknown> };
	}

	it('plays the phone: scans, follows a script, tells what it saw, and causes mishaps', async () => {
		await ask('POST', '/phones', { number: '4915112345678' });
		const added = await ask('POST', '/phones', { number: '5511911112222', devices: 2 });
		expect(added).toMatchObject({ status: 201, body: { id: '5511911112222', clients: [] } });
		const client = await TestClient.start(network);
		const { qr } = await client.next(({ qr }) => qr !== undefined);
		const scanned = await ask('POST', '/phones/4915112345678/scan', { qr });
		expect(scanned.body).toMatchObject({ jid: '4915112345678:1@s.whatsapp.net' });
		await client.restarted();
		const script = { onCall: 'decline', device: 3 };
		expect((await ask('POST', '/phones/5511911112222/script', script)).body).toMatchObject(script);
		const phone = network.phones.get('5511911112222');
		if (!phone) throw new Error('no phone');
		const trusted = await ask('POST', '/phones/5511911112222/trust', { to: '4915112345678' });
		expect(trusted).toMatchObject({ status: 200, body: { trusted: '4915112345678' } });
		const offer = await makeOffer(client, phone);
		const before = Number(process.hrtime.bigint()) / 1e6;
		await sendOffer(client, offer);
		const call = await ask('GET', `/calls/${offer.callId}`);
		expect(call.body).toMatchObject({ id: offer.callId, callee: '5511911112222' });
		expect(call.body.offeredAt).toBeGreaterThanOrEqual(before);
		const { body } = await ask('GET', '/phones/5511911112222');
		expect(body.seen).toMatchObject({ calls: [{ device: 0 }, { device: 3 }] });
		await ask('POST', '/faults', { kind: 'logOut', phone: '4915112345678' });
		await client.closedWith(401);
		expect((await ask('GET', '/faults')).body).toEqual([]);
	});

	it('says what is wrong with a request', async () => {
		expect(await ask('GET', '/calls/1')).toMatchObject({ status: 404 });
		expect(await ask('GET', '/phones/1')).toEqual({
			status: 404,
			body: { error: 'There is no phone 1' },
		});
		await ask('POST', '/phones', { number: '5511911112222' });
		const scan = await ask('POST', '/phones/5511911112222/scan', { qr: 'nonsense' });
		expect(scan).toMatchObject({
			status: 400,
			body: { error: expect.stringContaining('QR code') },
		});
		const script = await ask('POST', '/phones/5511911112222/script', { onCall: 'sing' });
		expect(script).toMatchObject({
			status: 400,
			body: { error: expect.stringContaining('onCall') },
		});
	});
});
