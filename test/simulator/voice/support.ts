import { createCipheriv, createHash, createHmac, hkdfSync, randomBytes } from 'node:crypto';
import { request } from 'node:https';
import { AudioEngine, clip, ffmpeg } from '../../engine/audio/support';
import type { MediaHost } from '../../../simulator/voice/mediaHost';

/** A voice note as WhatsApp records them, of the spoken clip. */
export async function recorded(): Promise<{ ogg: Buffer; seconds: number; waveform: Uint8Array }> {
	const engine = new AudioEngine();
	try {
		const note = await engine.prepareVoiceNote({ bytes: clip('alert.mp3') });
		const seconds = Math.round(note.durationSeconds);
		return { ogg: Buffer.from(note.ogg), seconds, waveform: note.waveform };
	} finally {
		await engine.close();
	}
}

/** A second of the clip as ffmpeg writes it. */
export function byFfmpeg(...settings: string[]): Buffer {
	const source = `${__dirname}/../../support/clips/alert.mp3`;
	return ffmpeg('-i', source, '-t', '1', '-c:a', 'libopus', ...settings, '-f', 'ogg', '-');
}

/** A file as a client encrypts it. */
export function sealed(file: Buffer): { blob: Buffer; mediaKey: Buffer } {
	const mediaKey = randomBytes(32);
	const keys = Buffer.from(hkdfSync('sha256', mediaKey, '', 'WhatsApp Audio Keys', 112));
	const [iv, cipherKey, macKey] = [
		keys.subarray(0, 16),
		keys.subarray(16, 48),
		keys.subarray(48, 80),
	];
	const cipher = createCipheriv('aes-256-cbc', cipherKey, iv);
	const encrypted = Buffer.concat([cipher.update(file), cipher.final()]);
	const mac = createHmac('sha256', macKey).update(iv).update(encrypted).digest();
	return { blob: Buffer.concat([encrypted, mac.subarray(0, 10)]), mediaKey };
}

export interface Posting {
	path?: string;
	name?: string;
	token?: string;
	auth?: string;
	type?: string;
}

/** Uploads as a client does, unless something else is said. */
export async function post(
	host: MediaHost,
	blob: Buffer,
	posting: Posting = {},
): Promise<{ status: number; body: string }> {
	const hash = sha256(blob).toString('base64url');
	const {
		path = '/mms/audio',
		name = hash,
		token = hash,
		auth = host.auth,
		type = 'application/octet-stream',
	} = posting;
	return await ask(host, `${path}/${name}?auth=${auth}&token=${token}`, blob, {
		'content-type': type,
		origin: 'https://web.whatsapp.com',
	});
}

export function ask(
	host: MediaHost,
	path: string,
	body?: Buffer,
	headers: Record<string, string> = {},
): Promise<{ status: number; body: string }> {
	return new Promise((resolve, reject) => {
		const method = body === undefined ? 'GET' : 'POST';
		const options = { ca: host.certificate, agent: false as const, method, headers };
		const call = request(`https://${host.name}${path}`, options, (response) => {
			let text = '';
			response.setEncoding('latin1').on('data', (piece: string) => (text += piece));
			response.on('end', () => resolve({ status: response.statusCode ?? 0, body: text }));
		});
		call.on('error', reject);
		call.end(body);
	});
}

export function sha256(bytes: Buffer): Buffer {
	return createHash('sha256').update(bytes).digest();
}
