'use strict';

/**
 * Places calls as another process would, and sends each report, or the code and message of the
 * error, to its parent. Arguments: module of the engine, seconds to ring, numbers.
 */
const [indexModule, ringSeconds, ...numbers] = process.argv.slice(2);
const { openPhone } = require(indexModule);

const logger = { debug: () => undefined, info: () => undefined, warn: () => undefined };

async function main() {
	const phone = openPhone({ name: 'main', logger }, process.env);
	for (const number of numbers) {
		const to = { kind: 'phone', number, jid: `${number}@s.whatsapp.net` };
		const request = { to, ringSeconds: Number(ringSeconds), pauseMilliseconds: 0 };
		const answer = await phone.fakeCall(request).catch(({ code, message }) => ({ code, message }));
		process.send(answer);
	}
	process.disconnect();
}

void main();
