import type { Clock } from '../../common/clock';
import { CallError } from '../../common/errors';
import { attributeOf, isBinaryNode } from '../call/stanzas/binaryNode';
import type { VoiceLine, VoiceSocket } from './voiceTypes';

/** How long the server may take to confirm a message, in milliseconds. */
const CONFIRMATION_MS = 30_000;
/** Baileys' number for a time limit: of a question before the message, or of the message itself. */
const TIMED_OUT = 408;

const NOTHING_SENT = 'Nothing was sent, so running it again is safe.';

/** The server's word on a message: `refusal` is the number with which it did not take it. */
export interface Confirmation {
	refusal?: string;
}

/**
 * Sends a message and waits for the server's word on it.
 *
 * @throws CallError NETWORK_UNREACHABLE and RECIPIENT_UNREACHABLE when nothing left,
 * MAYBE_PLACED when nobody knows
 */
export async function deliver(
	messageId: string,
	send: () => Promise<unknown>,
	{ socket, transport }: VoiceLine,
	clock: Clock,
): Promise<Confirmation> {
	const listening = listen(socket, messageId);
	const patience = new AbortController();
	const stopWatching = transport.onClosed(() => patience.abort());
	try {
		try {
			await send();
		} catch (error) {
			if (neverLeft(error)) {
				throw notSent(error, transport.isOpen);
			}
		}
		const silence = clock.sleep(CONFIRMATION_MS, patience.signal).then(() => undefined);
		const answer = await Promise.race([listening.answer, silence]);
		if (answer === undefined) {
			throw new CallError(
				'MAYBE_PLACED',
				'WhatsApp did not confirm the voice note, so it may or may not have been sent',
				{ hint: 'Look at the chat before you run this again. It is not repeated by itself.' },
			);
		}
		return answer;
	} finally {
		listening.stop();
		stopWatching();
		patience.abort();
	}
}

function listen(
	{ ws }: VoiceSocket,
	messageId: string,
): { answer: Promise<Confirmation>; stop: () => void } {
	const event = 'CB:ack,class:message';
	let listener: (node: unknown) => void = () => undefined;
	const answer = new Promise<Confirmation>((resolve) => {
		listener = (node) => {
			if (isBinaryNode(node) && node.attrs.id === messageId) {
				const refusal = attributeOf(node, 'error');
				resolve(refusal === undefined ? {} : { refusal });
			}
		};
	});
	ws.on(event, listener);
	return { answer, stop: () => ws.off(event, listener) };
}

/**
 * Baileys gives up with errors of its own (Boom) before it writes the message: no device, no
 * session, no connection. Anything else may have come after.
 */
function neverLeft(error: unknown): boolean {
	const { isBoom, output } = (error ?? {}) as {
		isBoom?: unknown;
		output?: { statusCode?: unknown };
	};
	return isBoom === true && output?.statusCode !== TIMED_OUT;
}

function notSent(error: unknown, isOpen: boolean): CallError {
	if (!isOpen) {
		return connectionBroke();
	}
	// The text is Baileys' own; it has no number for this.
	return error instanceof Error && error.message === 'All encryptions failed'
		? new CallError(
				'RECIPIENT_UNREACHABLE',
				'The voice note could not be encrypted for any device of the recipient',
				{ hint: 'Nothing was sent. Try again later.' },
			)
		: new CallError(
				'NETWORK_UNREACHABLE',
				'WhatsApp did not answer before the voice note was sent',
				{ hint: NOTHING_SENT },
			);
}

export function connectionBroke(): CallError {
	return new CallError(
		'NETWORK_UNREACHABLE',
		'The connection to WhatsApp broke before the voice note was sent',
		{ hint: NOTHING_SENT },
	);
}
