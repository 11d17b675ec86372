/** A signal asked the process to end. */
export class Interrupted extends Error {
	constructor(readonly exitCode: number) {
		super('Stopped');
		this.name = 'Interrupted';
	}
}

/**
 * The result of `work`, unless the signal aborts first.
 *
 * @throws Interrupted, which is the reason of the signal
 */
export async function orInterrupted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
	let stop: () => void = () => undefined;
	const interrupted = new Promise<never>((_resolve, reject) => {
		stop = () => reject(signal.reason as Interrupted);
		signal.addEventListener('abort', stop);
	});
	try {
		signal.throwIfAborted();
		return await Promise.race([work, interrupted]);
	} finally {
		signal.removeEventListener('abort', stop);
	}
}
