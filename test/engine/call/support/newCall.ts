import { parseAddress, requireCallable } from '../../../../common/address';
import { CallError } from '../../../../common/errors';
import type { CallReport } from '../../../../common/report';
import { CallJournal } from '../../../../engine/call/journal';
import { placeCall, type CallRequest, type CallServices } from '../../../../engine/call/placeCall';
import { createNumberCache } from '../../../../engine/call/recipient';
import { FakeTransport, MemoryStore, NUMBER } from './fakeTransport';
import { ManualClock, settle } from './manualClock';

export function newCall(request: Partial<CallRequest> = {}, services: Partial<CallServices> = {}) {
	const clock = new ManualClock();
	const transport = new FakeTransport();
	const store = new MemoryStore();
	const journal = new CallJournal(store);
	const start = async (): Promise<{ result: Promise<CallReport> }> => {
		const result = placeCall(
			{ address: requireCallable(parseAddress(NUMBER)), ringSeconds: 8, ...request },
			{ transport, journal, clock, numbers: createNumberCache(clock), ...services },
		);
		// Whoever awaits it sees the error; nobody else needs to.
		result.catch(() => undefined);
		await settle();
		return { result };
	};
	return { clock, transport, store, journal, start };
}

export async function errorOf(result: Promise<unknown>): Promise<CallError> {
	const error: unknown = await result.then(
		() => undefined,
		(reason: unknown) => reason,
	);
	if (!(error instanceof CallError)) {
		throw new Error(`expected a CallError, got ${String(error)}`);
	}
	return error;
}
