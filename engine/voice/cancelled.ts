import { CallError } from '../../common/errors';

export function voiceNoteCancelled(): CallError {
	return new CallError('CANCELLED', 'The voice note was cancelled before it was sent', {
		hint: 'Nothing was sent.',
	});
}

/**
 * What `work` gives, unless the signal aborts first; `work` goes on then, and its failure is nobody's.
 *
 * @throws CallError CANCELLED
 */
export async function orCancelled<T>(work: Promise<T>, signal?: AbortSignal): Promise<T> {
	if (signal === undefined) {
		return await work;
	}
	work.catch(() => undefined);
	let stop = (): void => undefined;
	const cancelled = new Promise<never>((_resolve, reject) => {
		stop = () => reject(voiceNoteCancelled());
	});
	signal.addEventListener('abort', stop);
	if (signal.aborted) {
		stop();
	}
	try {
		return await Promise.race([work, cancelled]);
	} finally {
		signal.removeEventListener('abort', stop);
	}
}
