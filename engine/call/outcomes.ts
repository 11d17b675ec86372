import type { CallEnding } from './callTypes';

/**
 * What a refusal of the offer means (protocol page 02, section 5). `retry`: with devices and
 * sessions asked for afresh, which helps against 479 and is tried once.
 */
export function failureOfRefusal(
	error: string,
	mayRetry: boolean,
): 'ACCOUNT_RESTRICTED' | 'OFFER_REFUSED' | 'retry' {
	switch (error) {
		case '463':
			return 'ACCOUNT_RESTRICTED';
		case '479':
			return mayRetry ? 'retry' : 'OFFER_REFUSED';
		default:
			return 'OFFER_REFUSED';
	}
}

/**
 * Calls do not survive their connection (protocol page 01, "Outcomes").
 *
 * @param certain whether it is known that the offer arrived, or that it never left
 */
export function endingWithoutSocket(
	active: boolean,
	certain: boolean,
): Pick<CallEnding, 'endedBy' | 'failureCode' | 'outcome'> {
	if (active) {
		return { outcome: 'answered', endedBy: 'network' };
	}
	const failureCode = certain ? 'NETWORK_UNREACHABLE' : 'MAYBE_PLACED';
	return { outcome: 'failed', endedBy: 'network', failureCode };
}

/** What a terminate before the answer means (page 02, section 8). Unknown reasons are a plain end. */
export function outcomeOfTerminate(
	reason: string | undefined,
): Pick<CallEnding, 'endedBy' | 'outcome'> {
	switch (reason) {
		case 'busy':
			return { outcome: 'busy', endedBy: 'recipient' };
		case 'declined':
		case 'rejected_elsewhere':
			return { outcome: 'declined', endedBy: 'recipient' };
		case 'connection_lost':
		case 'timeout':
			return { outcome: 'noAnswer', endedBy: 'network' };
		default:
			return { outcome: 'noAnswer', endedBy: 'recipient' };
	}
}
