import { X509Certificate } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { FaultLog } from '../../../simulator/faults';
import { MediaHost } from '../../../simulator/voice/mediaHost';
import { ask, post } from './support';

const BLOB = Buffer.from('any bytes');

describe('the media host', () => {
	let faults: FaultLog;
	let host: MediaHost;

	beforeEach(async () => {
		faults = new FaultLog();
		host = await MediaHost.start('127.0.0.1', faults);
	});
	afterEach(async () => {
		await host.close();
		expect(existsSync(dirname(host.certificateFile))).toBe(false);
		expect(faults.take()).toEqual([]);
	});

	it('has a certificate for its address, in a file that goes with it', () => {
		const pem = readFileSync(host.certificateFile, 'utf8');
		const certificate = new X509Certificate(pem);
		expect(pem).toBe(host.certificate);
		expect(certificate.checkIP('127.0.0.1')).toBe('127.0.0.1');
		expect(certificate.verify(certificate.publicKey)).toBe(true);
		expect(certificate.ca).toBe(true);
	});

	it.each([
		['/mms/audio', 'encrypted'],
		['/newsletter/newsletter-audio', 'open'],
	] as const)('keeps what comes to %s and gives it back', async (path, form) => {
		const { status, body } = await post(host, BLOB, { path });
		expect(status).toBe(200);
		const { direct_path: directPath, url } = JSON.parse(body) as Record<string, string>;
		expect(url?.startsWith(`https://${host.name}${directPath}`)).toBe(true);
		expect(host.holds(directPath ?? '', form)).toBe(true);
		expect(host.holds(directPath ?? '', form === 'open' ? 'encrypted' : 'open')).toBe(false);
		expect(await ask(host, directPath ?? '')).toEqual({ status: 200, body: BLOB.toString() });
	});

	it('knows no other files', async () => {
		expect(await ask(host, '/o1/v/t24/nothing')).toMatchObject({ status: 404 });
	});

	it.each([
		[{ auth: 'another' }, 'not the auth of media_conn'],
		[{ token: 'another' }, 'the token is not the sha-256 of the file'],
		[{ name: 'another' }, 'the name is not the sha-256 of the file'],
		[{ path: '/mms/image' }, 'no uploads to /mms/image'],
		[{ type: 'audio/ogg' }, 'content-type audio/ogg'],
	])('objects to an upload with %j', async (posting, detail) => {
		expect((await post(host, BLOB, posting)).status).toBe(403);
		const [fault] = faults.take();
		expect(fault).toMatchObject({
			kind: 'upload',
			detail: expect.stringContaining(detail) as string,
		});
	});

	it('answers 500 or breaks the line when it is told to', async () => {
		host.uploads = 'refuse';
		expect((await post(host, BLOB)).status).toBe(500);
		host.uploads = 'break';
		await expect(post(host, BLOB)).rejects.toThrow();
		host.uploads = 'take';
		expect((await post(host, BLOB)).status).toBe(200);
		expect(host.attempts).toBe(3);
	});
});
