import { CallError } from '../../common/errors';

/** What whoever waits for a conversion gets when it is stopped. */
export function conversionCancelled(): CallError {
	return new CallError('CANCELLED', 'The conversion of the audio was stopped');
}
