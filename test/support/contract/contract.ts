import { accessContract } from './access';
import { callContract } from './calls';
import { eventContract } from './events';
import { instanceContract } from './instances';
import { messageContract } from './messages';
import { rateLimitContract } from './rateLimit';
import type { ContractSubject, StartSubject } from './subject';
import { voiceApiContract } from './voiceApi';

export { ACCOUNT_TOKEN } from './subject';
export type { ContractSubject, StartSubject, SubjectOptions } from './subject';

/** What every server of RyzeAPI's contract, and of the Voice API, promises. */
export function describeContract(start: StartSubject): void {
	describe('the contract', () => {
		let running: ContractSubject | undefined;
		beforeAll(async () => {
			running = await start();
		});
		afterEach(async () => await running?.reset());
		afterAll(async () => await running?.close());
		const subject = (): ContractSubject => {
			if (running === undefined) {
				throw new Error('The subject did not start');
			}
			return running;
		};
		callContract(subject);
		messageContract(subject);
		accessContract(subject);
		instanceContract(subject);
		eventContract(subject);
		voiceApiContract(subject);
	});
	rateLimitContract(start);
}
