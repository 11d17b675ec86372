import type { Address, CallableAddress } from '../common/address';
import type { AudioEngine, AudioInput, CallCodecName, ConversionOptions } from './audio';
import { systemClock, type Clock } from '../common/clock';
import { CallError } from '../common/errors';
import type { CallReport } from '../common/report';
import { asSentence } from '../common/text';
import {
	createBaileysTransport,
	SessionCalls,
	SoundCall,
	type CallProgress,
	type CallTransport,
	type PlaceOptions,
	type StartMedia,
} from './call';
import { CallFiles } from './callFiles';
import type { MediaRecording } from './media/messages';
import {
	keepConnected,
	orAborted,
	sessionFolder,
	storageFault,
	verdictOf,
	type Identity,
	type Lease,
	type LinkStep,
	type Session,
	type SessionLogger,
	type SessionStatus,
	type StandingState,
	type Verdict,
	type WASocket,
} from './session';
import { soundReport } from './soundReport';
import { VoiceNotes, type VoiceNote, type VoiceNoteResult } from './voice';

/** How long a call whose connection broke waits for the next one, to stop ringing there. */
const HANG_UP_AGAIN_MS = 15_000;
/** How long a socket that is closed takes to say why. */
const CLOSING_MS = 5_000;

/** Rules for the calls of one session. */
export interface CallLimits {
	/** At most so many calls within 24 hours; 100 by default. */
	callsPerDay?: number;
	/** At least this long after the call before, in milliseconds; 3,000 by default. */
	pauseMilliseconds?: number;
	/** How long the call may wait for its turn, in milliseconds; for ever when absent. */
	waitAtMostMilliseconds?: number;
	/** Told what becomes known before the end; must not throw. */
	onProgress?: (progress: CallProgress) => void;
}

export interface FakeCall extends CallLimits {
	to: CallableAddress;
	/** Whole seconds, 1 to 60. */
	ringSeconds: number;
	/** Hangs up when it aborts. */
	signal?: AbortSignal;
}

export interface AudioCall extends CallLimits {
	to: CallableAddress;
	audio: AudioInput;
	/** How the recording is read and prepared. */
	conversion?: ConversionOptions;
	/** How long it may ring, in whole seconds, 5 to 60. */
	ringSeconds: number;
	/** What is sent; native Opus instead of MLow to an app that does not speak MLow. */
	codec: CallCodecName;
	/** How often the recording is played; once by default. */
	repeat?: number;
	/** Silence between two rounds, in milliseconds; none by default. */
	pauseBetweenRepeatsMs?: number;
	/** How long to stay on the line after the last round, in milliseconds; hangs up by default. */
	stayMs?: number;
	/** Keep what the recipient says, up to so many milliseconds. */
	recordAtMostMs?: number;
	/** Hangs up when it aborts. */
	signal?: AbortSignal;
}

export interface AudioCallResult {
	report: CallReport;
	/** What the recipient said, when it was asked for and there was something. */
	recording?: MediaRecording;
}

export interface SendVoiceNote {
	to: Address;
	audio: AudioInput;
	/** How the recording is read and prepared. */
	conversion?: ConversionOptions;
	/** Id of the message that it answers. */
	replyTo?: string;
	/** Gives it up as long as it has not been sent. */
	signal?: AbortSignal;
}

/** What carries the sound of calls; the same for all phones of a process. */
export interface SoundServices {
	audio: AudioEngine;
	startMedia: StartMedia;
	/** sha-256 of the relays' certificate; any is accepted when absent. */
	relayFingerprint?: string;
}

export interface PhoneOptions {
	session: Session<WASocket>;
	/** The folder of all sessions. */
	data: string;
	logger: SessionLogger;
	/** Asked when an audio call is placed. */
	sound: () => SoundServices;
	clock?: Clock;
	/** A certificate in PEM that media servers may have, beside those that Node.js trusts. */
	mediaCa?: string;
}

/** One linked device with its calls: what the node and the command line use. */
export class Phone {
	private readonly session: Session<WASocket>;
	private readonly calls: SessionCalls;
	private readonly clock: Clock;
	private readonly logger: SessionLogger;
	private readonly sound: () => SoundServices;
	private readonly voiceNotes: VoiceNotes;
	private readonly working = new Set<Promise<unknown>>();
	/** Aborts when the phone is closed: whatever rings or waits is given up. */
	private leaving = new AbortController();
	private readonly transports = new WeakMap<WASocket, Promise<CallTransport>>();

	constructor({ session, data, logger, sound, mediaCa, clock = systemClock }: PhoneOptions) {
		this.sound = sound;
		this.session = session;
		this.clock = clock;
		this.logger = logger;
		const store = new CallFiles(sessionFolder(data, session.name));
		this.calls = new SessionCalls({ clock, store, logger });
		this.voiceNotes = new VoiceNotes({
			clock,
			mediaCa,
			lookUp: (number, { transport }) => this.calls.lookUp(number, transport),
		});
	}

	/**
	 * Rings for some seconds and hangs up.
	 *
	 * @throws CallError before the call reached anybody: NOT_LINKED, LOGGED_OUT, SESSION_IN_USE,
	 * NOT_ON_WHATSAPP, RATE_LIMITED, OFFER_REFUSED, NETWORK_UNREACHABLE, CANCELLED, …
	 */
	async fakeCall({ to, ...request }: FakeCall): Promise<CallReport> {
		return await this.place({ address: to, ...request });
	}

	/**
	 * Calls, and plays a recording to whoever answers.
	 *
	 * @throws CallError as `fakeCall`, and before anything rings one of the AUDIO_ codes
	 */
	async audioCall(request: AudioCall): Promise<AudioCallResult> {
		const { audio, codec, conversion, signal, to } = request;
		const services = this.sound();
		const prepared = await services.audio.prepareCall(audio, codec, {
			...conversion,
			...(signal !== undefined && { signal }),
		});
		const { relayFingerprint, startMedia } = services;
		const { pauseBetweenRepeatsMs = 0, recordAtMostMs, repeat = 1, stayMs = 0 } = request;
		const sound = new SoundCall(startMedia, {
			codec,
			plan: { frames: prepared.packed, repeat, pauseBetweenRepeatsMs, stayMs },
			logger: this.logger,
			...(prepared.packedOpus !== undefined && { opusFrames: prepared.packedOpus }),
			...(recordAtMostMs !== undefined && { recordAtMostMs }),
			...(relayFingerprint !== undefined && { relayFingerprint }),
		});
		const { callsPerDay, onProgress, pauseMilliseconds, ringSeconds, waitAtMostMilliseconds } =
			request;
		const report = await this.place({
			address: to,
			ringSeconds,
			sound,
			...(callsPerDay !== undefined && { callsPerDay }),
			...(pauseMilliseconds !== undefined && { pauseMilliseconds }),
			...(waitAtMostMilliseconds !== undefined && { waitAtMostMilliseconds }),
			...(onProgress !== undefined && { onProgress }),
			...(signal !== undefined && { signal }),
		});
		const summary = await sound.summary();
		const heardOf = {
			...report,
			...soundReport(report, prepared.durationSeconds, repeat, summary),
		};
		return {
			report: heardOf,
			...(summary?.recording !== undefined && { recording: summary.recording }),
		};
	}

	/**
	 * Sends a recording as a voice note, and waits until WhatsApp has it. It does not wait for calls.
	 *
	 * @throws CallError when nothing was sent: one of the AUDIO_ codes, NOT_LINKED, NOT_ON_WHATSAPP,
	 * RECIPIENT_UNREACHABLE, NETWORK_UNREACHABLE, CANCELLED, …; and MAYBE_PLACED
	 */
	async sendVoiceNote(request: SendVoiceNote): Promise<VoiceNoteResult> {
		const { conversion, signal, ...note } = request;
		const audio = await this.sound().audio.prepareVoiceNote(note.audio, {
			...conversion,
			...(signal !== undefined && { signal }),
		});
		return await this.untilClosed(signal, async (stop) =>
			this.connectAndSend({ ...note, audio, signal: stop }),
		);
	}

	/** Starts to link, or gives the current code; see `Session.link`. */
	async link(phone?: string): Promise<LinkStep> {
		return await this.session.link(phone);
	}

	/** Waits for the end of the link that is under way; see `Session.linked`. */
	async linked(): Promise<Identity> {
		return await this.session.linked();
	}

	/**
	 * Connects and stays connected, however often the connection breaks: until it is told to stop, the
	 * phone is closed, or WhatsApp sends the device away. What an earlier process left ringing stops.
	 *
	 * @param tell must not throw
	 * @returns stops it; the connection then ends as after any other use
	 */
	keepConnected(tell: (state: StandingState) => void = () => undefined): () => void {
		const stopping = new AbortController();
		const { session, clock } = this;
		const onOpen = (lease: Lease<WASocket>): void => void this.stopLeftovers(lease);
		void keepConnected({ session, clock, tell, onOpen }, stopping.signal);
		return () => stopping.abort();
	}

	/** What is known without connecting. */
	async status(): Promise<SessionStatus> {
		return await this.session.status();
	}

	/** @returns whether WhatsApp was told; if not, the phone still lists the device */
	async logOut(): Promise<{ removedFromAccount: boolean }> {
		return await this.session.logOut();
	}

	/** Hangs up, closes the connection and lets go of the session's folder. */
	async close(): Promise<void> {
		this.leaving.abort();
		this.leaving = new AbortController();
		await Promise.allSettled(this.working);
		await this.session.close();
	}

	private async place({ signal, ...request }: PlaceOptions): Promise<CallReport> {
		return await this.untilClosed(signal, async (stop) =>
			this.connectAndPlace({ ...request, signal: stop }),
		);
	}

	/** Runs what `close` gives up and waits for. */
	private async untilClosed<T>(
		signal: AbortSignal | undefined,
		work: (stop: AbortSignal) => Promise<T>,
	): Promise<T> {
		const signals = [this.leaving.signal, ...(signal === undefined ? [] : [signal])];
		const working = work(AbortSignal.any(signals));
		this.working.add(working);
		try {
			return await working;
		} catch (error) {
			throw await storageFault(this.session, error);
		} finally {
			this.working.delete(working);
		}
	}

	private async connectAndSend(note: VoiceNote): Promise<VoiceNoteResult> {
		const lease = await this.session.acquire(note.signal);
		try {
			const { socket } = lease;
			const transport = await this.transportOf(socket);
			return await this.voiceNotes.send(note, { socket, transport });
		} catch (error) {
			const lost = error instanceof CallError && error.code === 'NETWORK_UNREACHABLE';
			throw (
				(lost ? reasonOf(await verdictOn(lease)) : undefined) ??
				(await storageFault(this.session, error))
			);
		} finally {
			lease.release();
		}
	}

	private async connectAndPlace(request: PlaceOptions): Promise<CallReport> {
		let lease: Lease<WASocket> | undefined;
		let verdict: Verdict | undefined;
		try {
			const report = await this.calls.place(request, async () => {
				lease = await this.session.acquire(request.signal);
				return await this.transportOf(lease.socket);
			});
			verdict = await verdictOn(lease);
			return withReason(report, verdict);
		} finally {
			verdict ??= await verdictOn(lease);
			// Who left, or was sent away by WhatsApp, does not come back by itself.
			if (verdict?.kind === 'retry' || verdict?.kind === 'restart') {
				await this.hangUpAgain();
			}
			lease?.release();
		}
	}

	/** The connection broke in a call: a phone may still ring, and the next connection can stop it. */
	private async hangUpAgain(): Promise<void> {
		const patience = AbortSignal.timeout(HANG_UP_AGAIN_MS);
		try {
			if (!(await this.calls.hasLeftovers())) {
				return;
			}
			await this.session.use((lease) => this.stopLeftovers(lease), patience);
		} catch (error) {
			const reason = error instanceof Error ? error.name : 'unknown';
			this.logger.debug('no connection to stop the ringing', { reason });
		}
	}

	/** Never rejects. */
	private async stopLeftovers({ socket }: Lease<WASocket>): Promise<void> {
		try {
			await this.calls.stopLeftovers(await this.transportOf(socket));
		} catch (error) {
			const reason = error instanceof Error ? error.name : 'unknown';
			this.logger.debug('no way to stop the ringing', { reason });
		}
	}

	/** One for each socket: calls clean up once behind an earlier one. */
	private transportOf(socket: WASocket): Promise<CallTransport> {
		const known = this.transports.get(socket);
		if (known !== undefined) {
			return known;
		}
		const made = createBaileysTransport(socket, this.clock);
		this.transports.set(socket, made);
		return made;
	}
}

/** Why the connection of a call is gone; undefined while it is open. */
async function verdictOn(lease: Lease<WASocket> | undefined): Promise<Verdict | undefined> {
	if (lease === undefined || lease.socket.ws.isOpen) {
		return undefined;
	}
	const closed = orAborted(lease.closed, AbortSignal.timeout(CLOSING_MS));
	return await closed.then(verdictOf, () => undefined);
}

/** WhatsApp may have said why it closed the connection: that explains the failure of a call better. */
function withReason(report: CallReport, verdict: Verdict | undefined): CallReport {
	const said = reasonOf(verdict);
	return said === undefined || report.failureCode !== 'NETWORK_UNREACHABLE'
		? report
		: { ...report, failureCode: said.code, message: asSentence(said.message) };
}

function reasonOf(verdict: Verdict | undefined): CallError | undefined {
	return verdict?.kind === 'stop' || verdict?.kind === 'wipe' ? verdict.error : undefined;
}
