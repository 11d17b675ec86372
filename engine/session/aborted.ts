import { CallError } from '../../common/errors';

/**
 * What `work` gives, unless the signal aborts first; `work` goes on then, and its failure is nobody's.
 *
 * @throws CallError CANCELLED
 */
export async function orAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
	if (signal === undefined) {
		return work;
	}
	work.catch(() => undefined);
	let stop: () => void = () => undefined;
	const aborted = new Promise<never>((_, reject) => {
		stop = () =>
			reject(
				new CallError('CANCELLED', 'The execution was stopped while connecting to WhatsApp', {
					hint: 'Nothing was sent.',
				}),
			);
	});
	signal.addEventListener('abort', stop);
	if (signal.aborted) {
		stop();
	}
	try {
		return await Promise.race([work, aborted]);
	} finally {
		signal.removeEventListener('abort', stop);
	}
}
