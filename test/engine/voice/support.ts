import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseAddress } from '../../../common/address';
import type { Phone, SendVoiceNote, VoiceNoteResult } from '../../../engine';
import type { Phone as PersonsPhone } from '../../../simulator';
import { eventually } from '../../simulator/support/client';
import { AudioEngine, clip, correlation, ffmpeg } from '../audio/support';
import { Home, type FrontDoor, type HomeOptions } from '../phone/support/home';

// The audio thread of the engine needs JavaScript: `npm test` builds first.
// eslint-disable-next-line @typescript-eslint/no-require-imports -- see above
export const builtEngine = require('../../../dist/engine') as FrontDoor;

/** Prepares recordings as the engine does. */
export const workshop = new AudioEngine();

export const MP3 = clip('alert.mp3');

/** A home with the engine as it is built. */
export async function startHome(options: HomeOptions = {}): Promise<Home> {
	return await Home.start({ engine: builtEngine, ringLimitSeconds: 10_000, ...options });
}

/** A file that has the form of WhatsApp's own recordings. */
export async function voiceNote(): Promise<Buffer> {
	return Buffer.from((await workshop.prepareVoiceNote({ bytes: MP3 })).ogg);
}

/** Sends the spoken clip, unless something else is asked for. */
export async function send(
	phone: Phone,
	to: PersonsPhone | string,
	request: Partial<SendVoiceNote> = {},
): Promise<VoiceNoteResult> {
	const address = parseAddress(typeof to === 'string' ? to : to.id);
	return await phone.sendVoiceNote({ to: address, audio: { bytes: MP3 }, ...request });
}

/** Waits until so many devices of somebody have messages. */
export async function received(person: PersonsPhone, count = 1): Promise<void> {
	await eventually(() => person.seen.messages.length >= count);
}

/** Three seconds of a file, as another program decodes it: mono, 16 kHz. */
function heard(path: string): Int16Array {
	const pcm = ffmpeg('-i', path, '-t', '3', '-f', 's16le', '-ar', '16000', '-ac', '1', '-');
	return new Int16Array(pcm.buffer, pcm.byteOffset, pcm.length / 2);
}

/** How alike two files sound, 0 to 1. */
export async function likeness(file: Buffer, source: string): Promise<number> {
	const folder = await mkdtemp(join(tmpdir(), 'voice-note-'));
	try {
		const path = join(folder, 'heard.ogg');
		await writeFile(path, file);
		return correlation(heard(source), heard(path));
	} finally {
		await rm(folder, { recursive: true });
	}
}

/** Files of Baileys' uploads that lie about. */
export async function leftovers(): Promise<string[]> {
	return (await readdir(tmpdir())).filter((name) => /^(audio|ptt)3EB0/.test(name));
}
