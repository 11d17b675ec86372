'use strict';

/**
 * Places audio calls as another process would, one after the other, and sends its parent a message
 * for each: the report, or the code of the error, and what the process holds. A message with
 * `blockMs` keeps its main thread busy for so long. Arguments: module of the engine, file to play,
 * number, how many calls.
 */
const { readFileSync } = require('node:fs');
const { setTimeout: wait } = require('node:timers/promises');

const [indexModule, file, number, calls] = process.argv.slice(2);
const { closePhones, openPhone } = require(indexModule);

/** What ends with a call takes a moment: sockets close. */
const SETTLING_MS = 50;

const logger = { debug: () => undefined, info: () => undefined, warn: () => undefined };
let rejections = 0;
process.on('unhandledRejection', () => (rejections += 1));
process.on('message', ({ blockMs }) => {
	const until = performance.now() + blockMs;
	while (performance.now() < until);
});
process.channel.unref();

async function holdings() {
	await wait(SETTLING_MS);
	globalThis.gc?.();
	const { rss, heapUsed } = process.memoryUsage();
	const handles = process.getActiveResourcesInfo().sort();
	return { rss, heapUsed, handles, rejections };
}

async function main() {
	const phone = openPhone({ name: 'main', logger }, process.env);
	const to = { kind: 'phone', number, jid: `${number}@s.whatsapp.net` };
	const rules = { pauseMilliseconds: 0, callsPerDay: 100_000, ringSeconds: 30 };
	const audio = { bytes: readFileSync(file) };
	for (let call = 0; call < Number(calls); call += 1) {
		const { report } = await phone
			.audioCall({ to, audio, codec: 'mlow', ...rules })
			.catch(({ code, message }) => ({ report: { code, message } }));
		process.send({ report, ...(await holdings()) });
	}
	await closePhones();
}

void main();
