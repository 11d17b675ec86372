import { CallError } from '../../common/errors';
import { printable } from '../../common/text';

/** Why a connection ended. */
export interface Closing {
	/** WhatsApp's or Baileys' number; undefined when we closed it. Protocol page 09. */
	code: number | undefined;
	/** One line, without secrets. */
	reason: string;
}

/** What to do about it. */
export type Verdict =
	| { kind: 'closed' }
	/** At once: WhatsApp asks for it after pairing. */
	| { kind: 'restart' }
	/** After a pause. */
	| { kind: 'retry'; error: CallError }
	/** Not by ourselves. */
	| { kind: 'stop'; error: CallError }
	/** Not with these keys. */
	| { kind: 'wipe'; error: CallError };

/**
 * Reads how a socket of Baileys ended, from the error of its last update.
 *
 * A number that a proxy or a load balancer answered the WebSocket's request with is none of
 * WhatsApp's: a 401 of those must not cost the keys.
 */
export function closingOf(error: unknown): Closing {
	if (typeof error !== 'object' || error === null) {
		return { code: undefined, reason: 'the connection was closed' };
	}
	const { message, output } = error as {
		message?: unknown;
		output?: { statusCode?: unknown };
	};
	const reason = typeof message === 'string' ? printable(message, 120) : 'no reason was given';
	const status = output?.statusCode;
	if (typeof status !== 'number' || reason.startsWith('WebSocket Error')) {
		return { code: LOST, reason };
	}
	return { code: status, reason };
}

const LOST = 408;

export function verdictOf({ code, reason }: Closing): Verdict {
	switch (code) {
		case undefined:
			return { kind: 'closed' };
		case 515:
			return { kind: 'restart' };
		case 401:
			return {
				kind: 'wipe',
				error: new CallError('LOGGED_OUT', 'The session was logged out of WhatsApp'),
			};
		case 406:
		case 411:
			return {
				kind: 'stop',
				error: new CallError(
					'LOGGED_OUT',
					`WhatsApp does not accept this linked device any more (${code})`,
					{ hint: 'Log the session out and link the device again.' },
				),
			};
		case 402:
		case 403:
			return {
				kind: 'stop',
				error: new CallError('ACCOUNT_RESTRICTED', `WhatsApp refused the account (${code})`),
			};
		case 405:
		case 409:
			return {
				kind: 'stop',
				error: new CallError(
					'NOT_SUPPORTED',
					`WhatsApp does not accept this version of the linked device any more (${code})`,
					{ hint: 'Update the package n8n-nodes-whatsapp-call.' },
				),
			};
		case 440:
			return {
				kind: 'stop',
				error: new CallError(
					'SESSION_REPLACED',
					'WhatsApp closed the connection because another one with the same session was opened',
				),
			};
		default:
			return { kind: 'retry', error: unreachable(reason) };
	}
}

export function unreachable(reason: string): CallError {
	return new CallError('NETWORK_UNREACHABLE', `WhatsApp cannot be reached: ${reason}`, {
		hint: 'Check that this machine can reach web.whatsapp.com on port 443. A proxy or firewall must let WebSockets pass.',
	});
}
