'use strict';

/**
 * Uses a linked session as an execution would, and says how. `once`: uses it and does nothing more.
 * `listens`: holds it until 200 ms after SIGTERM, to which it listens. `alone`: holds it for 200 ms,
 * and goes on with something else.
 */
const [indexModule, data, webSocketUrl, rootKey, mode] = process.argv.slice(2);
const { baileysPort, sessionPool } = require(indexModule);

const silent = { debug: () => undefined, info: () => undefined, warn: () => undefined };

async function main() {
	const port = baileysPort({
		webSocketUrl,
		noiseRootKey: Buffer.from(rootKey, 'hex'),
		logger: silent,
	});
	const lease = await sessionPool().get({ data, name: 'main', port }).acquire();
	await lease.socket.onWhatsApp(lease.identity.number);
	process.stdout.write('used\n');
	if (mode === 'once') {
		lease.release();
		return;
	}
	const end = () =>
		setTimeout(() => {
			process.stdout.write('released\n');
			lease.release();
		}, 200);
	if (mode === 'listens') {
		process.once('SIGTERM', end);
	} else {
		end();
		setInterval(() => undefined, 1_000);
	}
}

main().catch((error) => {
	process.stdout.write(`${error.code} ${error.message}\n`);
	process.exitCode = 1;
});
