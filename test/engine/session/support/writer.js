'use strict';

/**
 * Writes into a session folder until it is killed, and prints the number of each round that is on
 * the disk. Arguments: module of the store, folder, passphrase, first round.
 */
const [storeModule, folder, passphrase, first] = process.argv.slice(2);
const { SessionStore } = require(storeModule);

const codec = {
	initAuthCreds: () => {
		const pair = { public: Buffer.alloc(32, 1), private: Buffer.alloc(32, 2) };
		return {
			noiseKey: pair,
			signedIdentityKey: pair,
			signedPreKey: { keyPair: pair },
			advSecretKey: 'x',
			nextPreKeyId: 0,
		};
	},
	BufferJSON: {
		replacer: (_key, value) =>
			value?.type === 'Buffer'
				? { type: 'Buffer', data: Buffer.from(value.data).toString('base64') }
				: value,
		reviver: (_key, value) =>
			value?.type === 'Buffer' ? Buffer.from(value.data, 'base64') : value,
	},
	reviveAppStateKey: (value) => value,
};

async function main() {
	const store = await SessionStore.open({
		folder,
		passphrase: passphrase === '' ? undefined : passphrase,
		codec,
		now: Date.now,
		onDamage: (sentence) => process.stdout.write(`damage ${sentence}\n`),
	});
	for (let round = Number(first); ; round += 1) {
		store.creds.nextPreKeyId = round;
		const saved = store.saveCreds();
		const set = store.keys.set({
			session: { a: String(round), filler: 'x'.repeat(60_000) },
			'sender-key': { b: String(round) },
		});
		await Promise.all([saved, set]);
		process.stdout.write(`${round}\n`);
	}
}

void main();
