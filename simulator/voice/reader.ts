import { createDecipheriv, createHash, createHmac, hkdfSync } from 'node:crypto';
import type { proto } from '@whiskeysockets/baileys' with { 'resolution-mode': 'import' };
import { download } from './download';
import type { MediaForm, MediaHost } from './mediaHost';
import { play } from './playable';

const MIME_TYPE = 'audio/ogg; codecs=opus';
const WAVEFORM_BARS = 64;
const LOUDEST = 100;
const KEY_BYTES = 32;
const MAC_BYTES = 10;
const DAY_SECONDS = 86_400;

type AudioMessage = proto.Message.IAudioMessage;

/** A voice note as a phone has it after the download. */
export interface VoiceSeen {
	/** What the message says. */
	seconds: number;
	/** 64 bars, 0 to 100. */
	waveform: number[];
	/** What the file holds. */
	audioSeconds: number;
	packets: number;
	byteLength: number;
	/** Hex. */
	sha256: string;
}

export interface VoiceRead {
	seen: VoiceSeen;
	ogg: Buffer;
	/** Empty in a channel. */
	mediaKey: Buffer;
}

/**
 * Fetches a voice note and checks it as strictly as the strictest phone.
 * Throws with what is wrong, which holds no key.
 */
export async function readVoice(
	message: AudioMessage,
	form: MediaForm,
	host: MediaHost,
): Promise<VoiceRead> {
	const seconds = message.seconds ?? 0;
	const waveform = [...(message.waveform ?? [])];
	assert(message.ptt === true, 'it is no push-to-talk message');
	assert(message.mimetype === MIME_TYPE, `the MIME type is ${message.mimetype}`);
	assert(
		waveform.length === WAVEFORM_BARS && waveform.every((bar) => bar <= LOUDEST),
		'the waveform is not 64 bars of 0 to 100',
	);
	const directPath = message.directPath ?? '';
	assert(host.holds(directPath, form), `the direct path leads to no ${form} file`);
	const link = `https://${host.name}${directPath}`;
	if (form === 'encrypted') {
		assert(message.url?.startsWith(link) === true, 'the url does not belong to the direct path');
	} else {
		assert(!message.url, 'a channel gets no url');
	}
	const blob = await download(message.url || link, host.certificate);
	const ogg = form === 'encrypted' ? unseal(blob, message) : blob;
	if (form === 'open') assert(!message.mediaKey?.length, 'a channel gets no key');
	assert(sameBytes(sha256(ogg), message.fileSha256), 'fileSha256 is not that of the file');
	assert(Number(message.fileLength) === ogg.length, 'fileLength is not that of the file');
	const { packets, seconds: audioSeconds } = play(ogg);
	assert(
		seconds === Math.max(1, Math.round(audioSeconds)),
		`${seconds} s are announced, and ${audioSeconds} s are there`,
	);
	const digest = sha256(ogg).toString('hex');
	const byteLength = ogg.length;
	return {
		seen: { seconds, waveform, audioSeconds, packets, byteLength, sha256: digest },
		ogg,
		mediaKey: Buffer.from(message.mediaKey ?? []),
	};
}

/** AES-256-CBC with keys from HKDF, ten bytes of HMAC behind it. */
function unseal(blob: Buffer, message: AudioMessage): Buffer {
	const { mediaKey, fileEncSha256 } = message;
	assert(mediaKey?.length === KEY_BYTES, 'the media key has not 32 bytes');
	const age = Math.abs(Date.now() / 1000 - Number(message.mediaKeyTimestamp));
	assert(age < DAY_SECONDS, 'the media key is not of today');
	assert(sameBytes(sha256(blob), fileEncSha256), 'fileEncSha256 is not that of the upload');
	const keys = Buffer.from(
		hkdfSync('sha256', mediaKey ?? Buffer.alloc(0), '', 'WhatsApp Audio Keys', 112),
	);
	const [iv, cipherKey, macKey] = [
		keys.subarray(0, 16),
		keys.subarray(16, 48),
		keys.subarray(48, 80),
	];
	const encrypted = blob.subarray(0, -MAC_BYTES);
	const mac = createHmac('sha256', macKey).update(iv).update(encrypted).digest();
	assert(mac.subarray(0, MAC_BYTES).equals(blob.subarray(-MAC_BYTES)), 'the MAC is wrong');
	const decipher = createDecipheriv('aes-256-cbc', cipherKey, iv);
	return Buffer.concat([decipher.update(encrypted), decipher.final()]);
}

function sha256(bytes: Buffer): Buffer {
	return createHash('sha256').update(bytes).digest();
}

function sameBytes(bytes: Buffer, others: Uint8Array | null | undefined): boolean {
	return bytes.equals(others ?? Buffer.alloc(0));
}

function assert(holds: boolean, otherwise: string): void {
	if (!holds) throw new Error(otherwise);
}
