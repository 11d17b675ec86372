import type { RawData, WebSocket } from 'ws';
import type { Clock } from '../../../common/clock';
import { CallError } from '../../../common/errors';
import { advance, readCallEvent, type CallProgress } from './callEvents';

const MILLISECONDS_PER_SECOND = 1000;
/** Other events of the instance may carry media; a larger frame ends the channel. */
const MAXIMUM_FRAME_BYTES = 64 * 1024 * 1024;
/** A `call.update` has a few hundred bytes. Larger frames are other events and are not looked at. */
const MAXIMUM_CALL_FRAME_BYTES = 256 * 1024;
/** Frames kept between the opening and the answer that tells the call id. */
const MAXIMUM_KEPT_FRAMES = 1000;

interface TimedFrame {
	text: string;
	/** Milliseconds since the epoch. */
	at: number;
}

/** An open WebSocket that keeps the call events that came in, until somebody follows a call. */
export class EventChannel {
	private readonly frames: TimedFrame[] = [];
	private listener: (() => void) | undefined;
	private open = true;

	constructor(
		private readonly socket: WebSocket,
		clock: Clock,
	) {
		socket.on('message', (data: RawData) => {
			const text = callFrameText(data);
			if (text !== undefined && this.frames.length < MAXIMUM_KEPT_FRAMES) {
				this.frames.push({ text, at: clock.now() });
				this.listener?.();
			}
		});
		socket.on('close', () => {
			this.open = false;
			this.listener?.();
		});
		// An error is always followed by 'close'; without a handler it would end the process.
		socket.on('error', () => undefined);
	}

	/**
	 * Follows a call until it ends, `waitSeconds` are over, the signal aborts or the channel breaks.
	 * One call at a time.
	 *
	 * @returns what is known by then, and whether the channel broke before the end
	 */
	async follow(
		callId: string,
		waitSeconds: number,
		clock: Clock,
		signal: AbortSignal | undefined,
	): Promise<{ progress: CallProgress; lost: boolean }> {
		let progress: CallProgress = {};
		const done = new AbortController();
		const stop = () => done.abort();
		signal?.addEventListener('abort', stop, { once: true });
		if (signal?.aborted === true) {
			stop();
		}
		this.listener = () => {
			for (const { text, at } of this.frames.splice(0)) {
				const event = readCallEvent(text, callId);
				progress = event === undefined ? progress : advance(progress, event, at);
			}
			if (progress.endedAt !== undefined || !this.open) {
				stop();
			}
		};
		this.listener();
		if (!done.signal.aborted) {
			await clock.sleep(waitSeconds * MILLISECONDS_PER_SECOND, done.signal);
		}
		this.listener = undefined;
		signal?.removeEventListener('abort', stop);
		return { progress, lost: !this.open && progress.endedAt === undefined };
	}

	/** Ends the channel without waiting for the server. Twice is fine. */
	close(): void {
		this.socket.terminate();
	}
}

function callFrameText(data: RawData): string | undefined {
	if (Array.isArray(data) || data.byteLength > MAXIMUM_CALL_FRAME_BYTES) {
		return undefined;
	}
	const text = Buffer.from(data as Buffer).toString('utf8');
	return text.includes('call.update') ? text : undefined;
}

/**
 * Opens the event channel of an instance.
 *
 * @param url `ws://` or `wss://`, without a token
 * @param token goes into a header, never into the address
 * @throws CallError NETWORK_UNREACHABLE: no call was placed yet
 */
export async function openEventChannel(
	url: string,
	token: string,
	timeoutSeconds: number,
	clock: Clock,
): Promise<EventChannel> {
	const { WebSocket: Client } = await import('ws');
	const socket = new Client(url, {
		headers: { token },
		handshakeTimeout: timeoutSeconds * MILLISECONDS_PER_SECOND,
		maxPayload: MAXIMUM_FRAME_BYTES,
		perMessageDeflate: false,
	});
	const channel = new EventChannel(socket, clock);
	await new Promise<void>((resolve, reject) => {
		socket.once('open', resolve);
		socket.once('unexpected-response', (request, response) => {
			request.destroy();
			reject(notOpened(`it answered ${response.statusCode ?? 'without a status'}`));
		});
		socket.once('error', () => reject(notOpened('there is no connection to it')));
	});
	return channel;
}

function notOpened(why: string): CallError {
	return new CallError(
		'NETWORK_UNREACHABLE',
		`The event channel of the server could not be opened (${why}), so no call was placed`,
		{
			hint: 'Check that the server and any proxy before it allow WebSockets, or switch the option "Wait for Outcome" off.',
		},
	);
}
