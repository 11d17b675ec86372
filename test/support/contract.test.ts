import { ACCOUNT_TOKEN, describeContract, type ContractSubject } from './contract/contract';
import { startContractServer } from './contractServer';

const NO_LIMIT = 100_000;

/** The server that the node's tests use keeps the contract; the real one runs the same tests. */
describeContract(async ({ requestsPerMinute = NO_LIMIT } = {}): Promise<ContractSubject> => {
	const server = await startContractServer({
		accountToken: ACCOUNT_TOKEN,
		requestsPerMinute,
		instances: [
			{ name: 'main', token: 'instance-token' },
			{ name: 'other', token: 'other-token', state: 'disconnected' },
		],
		voiceAccounts: [{ instanceId: 'main', accessToken: 'instance-token' }],
	});
	return {
		url: server.url,
		number: '5511999999999',
		callsPlaced: () => server.calls.length,
		notesSent: () => server.voiceNotes.length,
		reset: async () => server.reset(),
		close: () => server.close(),
	};
});
