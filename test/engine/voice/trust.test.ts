import { startHome, builtEngine, send, workshop } from './support';

test('a media server without a certificate that is trusted gets nothing', async () => {
	const home = await startHome();
	try {
		const phone = await home.linked();
		await phone.close();
		const environment = { ...home.environment };
		delete environment.WHATSAPP_CALL_MEDIA_CA;
		const logger = { debug: () => undefined, info: () => undefined, warn: () => undefined };
		await builtEngine.closePhones();
		const strict = builtEngine.openPhone({ name: 'main', logger }, environment);
		await expect(send(strict, home.person())).rejects.toMatchObject({
			code: 'NETWORK_UNREACHABLE',
			message: expect.stringContaining('SELF_SIGNED') as string,
		});
		expect(home.network.media.attempts).toBe(0);
	} finally {
		await home.close();
		await workshop.close();
	}
});
