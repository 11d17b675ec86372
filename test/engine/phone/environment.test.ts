import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { rootCertificates } from 'node:tls';
import { CallError } from '../../../common/errors';
import { engineSettings, openPhone } from '../../../engine';

const KEY = 'ab'.repeat(32);

function refusal(environment: Record<string, string>): CallError {
	try {
		openPhone(
			{
				name: 'main',
				logger: { debug: () => undefined, info: () => undefined, warn: () => undefined },
			},
			environment,
		);
	} catch (error) {
		if (error instanceof CallError) {
			return error;
		}
	}
	throw new Error('It was taken');
}

describe('the environment of the engine', () => {
	it.each([
		['WHATSAPP_CALL_WEB_SOCKET_URL', 'web.whatsapp.example/chat?token=5ecret'],
		['WHATSAPP_CALL_WEB_SOCKET_URL', 'https://user:5ecret@web.whatsapp.example'],
		['WHATSAPP_CALL_WEB_SOCKET_URL', 'wss://5ecret:port:/'],
		['WHATSAPP_CALL_MEDIA_CA', '/5ecret/that/is/not/there.pem'],
		['WHATSAPP_CALL_MEDIA_CA', __filename],
		['WHATSAPP_CALL_NOISE_ROOT_KEY', '5ecret'],
		['WHATSAPP_CALL_NOISE_ROOT_KEY', `5ecret${KEY}`],
		['WHATSAPP_CALL_NOISE_ROOT_KEY', `${KEY.slice(2)}zz`],
		['WHATSAPP_CALL_NOISE_ROOT_KEY', KEY.slice(2)],
	])('a %s that cannot be meant is refused without repeating it (%s)', (name, value) => {
		const { code, hint, message } = refusal({ [name]: value });
		expect(code).toBe('INVALID_OPTION');
		expect(message).toContain(name);
		expect(hint).toContain('Remove the variable');
		for (const text of [message, hint]) {
			expect(text).not.toContain('5ecret');
			expect(text).not.toContain(value);
		}
	});

	it('may be written with spaces around it; empty values count as none', () => {
		expect(
			engineSettings({
				WHATSAPP_CALL_DATA: ' /data ',
				WHATSAPP_CALL_WEB_SOCKET_URL: ' ws://127.0.0.1:4000/ws/chat ',
				WHATSAPP_CALL_NOISE_ROOT_KEY: ` ${KEY.toUpperCase()}\n`,
			}),
		).toEqual({
			data: '/data',
			webSocketUrl: 'ws://127.0.0.1:4000/ws/chat',
			noiseRootKey: Buffer.from(KEY, 'hex'),
		});
		expect(
			engineSettings({
				WHATSAPP_CALL_DATA: '/data',
				WHATSAPP_CALL_WEB_SOCKET_URL: ' ',
				WHATSAPP_CALL_NOISE_ROOT_KEY: '',
			}),
		).toEqual({ data: '/data' });
	});

	it('names a certificate of media servers by its file', async () => {
		const folder = await mkdtemp(join(tmpdir(), 'phone-environment-'));
		const file = join(folder, 'ca.pem');
		const [pem = ''] = rootCertificates;
		await writeFile(file, pem);
		const environment = { WHATSAPP_CALL_DATA: '/data', WHATSAPP_CALL_MEDIA_CA: ` ${file} ` };
		expect(engineSettings(environment)).toEqual({ data: '/data', mediaCa: pem });
		await rm(folder, { recursive: true });
	});

	it('is not written to by opening a phone', async () => {
		const data = await mkdtemp(join(tmpdir(), 'phone-environment-'));
		const logger = { debug: () => undefined, info: () => undefined, warn: () => undefined };
		const phone = openPhone({ name: 'main', logger }, { WHATSAPP_CALL_DATA: data });
		expect(await phone.status()).toEqual({ state: 'unlinked' });
		expect(await readdir(data)).toEqual([]);
		await rm(data, { recursive: true });
	});
});
