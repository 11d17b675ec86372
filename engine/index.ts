import type { Clock } from '../common/clock';
import { AudioEngine } from './audio';
import { engineSettings } from './environment';
import { MediaThread, type PacingReport } from './media';
import { Phone, type SoundServices } from './phone';
import {
	baileysPort,
	sessionPool,
	type SessionLogger,
	type Session,
	type WASocket,
} from './session';

export type { AudioInput, CallCodecName, ConversionOptions } from './audio';
export { readSource } from './audio/source/readSource';
export { requireFormat } from './audio/source/sniff';
export { DEFAULT_CALLS_PER_DAY, DEFAULT_PAUSE_MS, type CallProgress } from './call';
export { engineSettings, type EngineSettings } from './environment';
export type {
	AudioCall,
	AudioCallResult,
	CallLimits,
	FakeCall,
	Phone,
	SendVoiceNote,
} from './phone';
export type { VoiceNoteResult } from './voice';
export { lockSession, sessionFolder, writeAtomically } from './session';
export type {
	Identity,
	LinkStep,
	SessionLock,
	SessionLogger,
	SessionState,
	SessionStatus,
	StandingState,
} from './session';

/** Raised when phones of an older package could not serve a newer one. */
const PHONES = Symbol.for('n8n-nodes-whatsapp-call.phones.1');

/** Which session, and how it is kept. */
export interface PhoneRequest {
	/** Name of the session. */
	name: string;
	passphrase?: string;
	/** The folder of all sessions; the environment says it when absent. */
	data?: string;
	/** How long a connection stays open after its last use, in milliseconds; one minute by default. */
	keepWarmMs?: number;
	logger: SessionLogger;
	clock?: Clock;
}

/**
 * The phone of a session: the same one for everybody in this process, for a package that was loaded
 * again too, so that its calls wait for each other.
 *
 * @throws CallError INVALID_OPTION; SESSION_UNREADABLE when it is open with another passphrase
 */
export function openPhone(
	request: PhoneRequest,
	environment: Readonly<Record<string, string | undefined>>,
): Phone {
	const { name, passphrase, keepWarmMs, logger, clock } = request;
	const settings = engineSettings(environment);
	const { data = settings.data } = request;
	const port = baileysPort({ ...settings, logger });
	const session = sessionPool<WASocket>().get({
		data,
		name,
		passphrase,
		port,
		keepWarmMs,
		clock,
		logger,
	});
	const phones = phonesOfProcess();
	const known = phones.get(session);
	if (known !== undefined) {
		return known;
	}
	const { relayFingerprint } = settings;
	const sound = (): SoundServices => ({
		...soundOfProcess(),
		...(relayFingerprint !== undefined && { relayFingerprint }),
	});
	const { mediaCa } = settings;
	const phone = new Phone({ session, data, logger, sound, clock, mediaCa });
	phones.set(session, phone);
	return phone;
}

/** Closes every session of this process, whatever it is doing, and ends the threads for sound. */
export async function closePhones(): Promise<void> {
	await sessionPool<WASocket>().close();
	const ending = threads;
	threads = undefined;
	await Promise.allSettled([ending?.audio.close(), ending?.media.close()]);
}

/** How punctual the packets of all calls were since it was last asked; undefined before the first. */
export async function mediaPacing(): Promise<PacingReport | undefined> {
	return await threads?.media.pacing();
}

interface SoundThreads {
	audio: AudioEngine;
	media: MediaThread;
}

/** One thread converts recordings, and one carries the sound of all calls; both start when needed. */
let threads: SoundThreads | undefined;

function soundOfProcess(): SoundServices {
	threads ??= { audio: new AudioEngine(), media: new MediaThread() };
	return { audio: threads.audio, startMedia: threads.media.start };
}

function phonesOfProcess(): WeakMap<Session<WASocket>, Phone> {
	const scope = globalThis as { [PHONES]?: WeakMap<Session<WASocket>, Phone> };
	return (scope[PHONES] ??= new WeakMap());
}
