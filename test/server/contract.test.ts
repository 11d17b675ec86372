import { builtEngine } from '../engine/audioCall/support/studio';
import {
	ACCOUNT_TOKEN,
	describeContract,
	type ContractSubject,
} from '../support/contract/contract';
import { built } from './support/built';
import { House } from './support/house';

/** The server itself keeps the contract: the tests are those of the server that plays it. */
describeContract(async ({ requestsPerMinute = 0 } = {}): Promise<ContractSubject> => {
	const house = await House.start({
		accountToken: ACCOUNT_TOKEN,
		allowPrivateAddresses: true,
		build: built.createServer,
		home: { engine: builtEngine },
		instances: { main: 'instance-token', other: 'other-token' },
		requestsPerMinute,
	});
	// A limit is kept by an instance that is not connected, too.
	if (requestsPerMinute === 0) {
		await house.link('main');
	}
	const person = house.home.person({ onCall: 'decline', afterSeconds: 1 });
	const names = async (): Promise<string[]> => {
		const { body } = await house.send('/api/instance/list');
		return (body as { instances: { name: string }[] }).instances.map(({ name }) => name);
	};
	return {
		get url() {
			return house.server.url;
		},
		number: person.id,
		callsPlaced: () => person.seen.calls.length,
		notesSent: () => person.seen.messages.length,
		reset: async () => {
			for (const name of await names()) {
				if (name !== 'main' && name !== 'other') {
					await house.send(`/api/instance/${name}`, { method: 'DELETE' });
				}
			}
			await house.home.check();
		},
		close: () => house.close(),
	};
});
