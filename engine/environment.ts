import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { CallError } from '../common/errors';
import { dataFolder } from './session';

/** Where the engine finds WhatsApp, and where it keeps what it knows. */
export interface EngineSettings {
	/** The folder of all sessions. */
	data: string;
	/** The chat WebSocket; WhatsApp's when absent. */
	webSocketUrl?: string;
	/** Public key, 32 bytes, that signs the server's Noise certificate; WhatsApp's when absent. */
	noiseRootKey?: Uint8Array;
	/** sha-256 of the relays' certificate, `AA:BB:…`; any is accepted when absent. */
	relayFingerprint?: string;
	/** A certificate in PEM that media servers may have, beside those that Node.js trusts. */
	mediaCa?: string;
}

const ROOT_KEY = /^[0-9a-f]{64}$/i;
const FINGERPRINT = /^([0-9a-f]{2}:){31}[0-9a-f]{2}$/i;
/** Media is encrypted end to end: who runs the relay does not matter (protocol page 04). */
const ANY_FINGERPRINT = 'any';

/**
 * Reads `WHATSAPP_CALL_DATA`, `WHATSAPP_CALL_WEB_SOCKET_URL`, `WHATSAPP_CALL_NOISE_ROOT_KEY`,
 * `WHATSAPP_CALL_RELAY_FINGERPRINT` and `WHATSAPP_CALL_MEDIA_CA`.
 *
 * @throws CallError INVALID_OPTION for a variable that cannot be meant
 */
export function engineSettings(
	environment: Readonly<Record<string, string | undefined>>,
): EngineSettings {
	const webSocketUrl = textOf(environment.WHATSAPP_CALL_WEB_SOCKET_URL);
	const rootKey = textOf(environment.WHATSAPP_CALL_NOISE_ROOT_KEY);
	if (webSocketUrl !== undefined && !isWebSocketUrl(webSocketUrl)) {
		throw new CallError('INVALID_OPTION', 'WHATSAPP_CALL_WEB_SOCKET_URL is no WebSocket address', {
			hint: 'It begins with wss:// (or ws:// for a simulator on this machine). Remove the variable to reach WhatsApp itself.',
		});
	}
	if (rootKey !== undefined && !ROOT_KEY.test(rootKey)) {
		throw new CallError('INVALID_OPTION', 'WHATSAPP_CALL_NOISE_ROOT_KEY is no key', {
			hint: 'It has 64 hexadecimal digits. Remove the variable to reach WhatsApp itself.',
		});
	}
	const fingerprint = textOf(environment.WHATSAPP_CALL_RELAY_FINGERPRINT) ?? ANY_FINGERPRINT;
	const isAny = fingerprint.toLowerCase() === ANY_FINGERPRINT;
	if (!isAny && !FINGERPRINT.test(fingerprint)) {
		throw new CallError('INVALID_OPTION', 'WHATSAPP_CALL_RELAY_FINGERPRINT is no fingerprint', {
			hint: 'It is the sha-256 of a certificate, 32 bytes written AA:BB:…, or "any". Remove the variable to accept every relay.',
		});
	}
	const mediaCaFile = textOf(environment.WHATSAPP_CALL_MEDIA_CA);
	return {
		data: dataFolder(environment),
		...(mediaCaFile !== undefined && { mediaCa: certificateIn(mediaCaFile) }),
		...(!isAny && { relayFingerprint: fingerprint.toUpperCase() }),
		...(webSocketUrl !== undefined && { webSocketUrl }),
		...(rootKey !== undefined && { noiseRootKey: Buffer.from(rootKey, 'hex') }),
	};
}

function textOf(value: string | undefined): string | undefined {
	const text = value?.trim();
	return text === '' ? undefined : text;
}

function certificateIn(file: string): string {
	try {
		const pem = readFileSync(file, 'utf8');
		new X509Certificate(pem);
		return pem;
	} catch {
		throw new CallError('INVALID_OPTION', 'WHATSAPP_CALL_MEDIA_CA names no certificate', {
			hint: 'It is the path of a PEM file that this process can read. Remove the variable to trust what Node.js trusts.',
		});
	}
}

function isWebSocketUrl(text: string): boolean {
	return URL.canParse(text) && ['ws:', 'wss:'].includes(new URL(text).protocol);
}
