import { join } from 'node:path';
import { Secrets } from '../engine/phone/support/secrets';
import { House, INSTANCE_TOKEN, ACCOUNT_TOKEN } from './support/house';

/** The log at its most talkative, after everything that has a secret in it. */
it('what the server logs holds no token, code, key, number or recording', async () => {
	const house = await House.start();
	const secrets = new Secrets();
	const recording = Buffer.alloc(600, 'not a recording').toString('base64');
	await house.create();
	const { body } = await house.send('/api/instance/connect/main');
	const { qrCode, qrCodeBase64 } = body as { qrCode: string; qrCodeBase64: string };
	await house.home.own.scan(qrCode);
	await house.connected();
	const listener = await house.listen();
	const person = house.home.person({ onCall: 'decline' });
	await house.fake(person, {}, '?wait=true');
	await house.fake(house.home.person({}, { onWhatsApp: false }));
	for (const query of [`?token=${INSTANCE_TOKEN}`, `?number=${person.id}`]) {
		await house.send(`/api/instance/list${query}`);
		await house.send(`/ws/main${query}`);
		await house.send(`/nowhere/${INSTANCE_TOKEN}${query}`);
	}
	await house.send('/api/call/audio/main', { body: { number: person.id, mediaBase64: recording } });
	const wrong = 'a-wrong-token-that-nobody-should-see';
	await house.send('/api/instance/list', { token: wrong });
	await house.send('/api/instance/list', { token: null, headers: { authorization: wrong } });
	await house.send('/v2/send/voice', {
		body: { instance_id: 'main', access_token: INSTANCE_TOKEN, chatId: `${person.id}@c.us` },
	});
	listener.webSocket.terminate();

	await secrets.addCreds(join(house.home.data, 'main'));
	secrets.addQr(qrCode);
	secrets.add(ACCOUNT_TOKEN, INSTANCE_TOKEN, qrCodeBase64, recording.slice(0, 100), wrong);
	secrets.add(...person.seen.calls.map(({ callKey }) => callKey), person.id);
	await house.close();
	expect(house.lines.length).toBeGreaterThan(20);
	expect(secrets.in(house.lines)).toEqual([]);
	for (const line of house.lines) {
		expect(() => JSON.parse(line) as unknown).not.toThrow();
	}
});
