import { fstatSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { controlRoutes } from './control';
import { openContractServer } from './server';

/**
 * The contract server as a process: `node main.js [--port N] [--drop-bodies]`. Prints one line of
 * JSON, `{"url", "pid"}`, when it listens. Ends on SIGTERM and when the pipe or terminal on its
 * stdin is closed, so that it does not outlive the process that started it.
 */
async function main(): Promise<void> {
	const { values } = parseArgs({
		options: {
			port: { type: 'string', default: '0' },
			'drop-bodies': { type: 'boolean', default: false },
		},
	});
	const server = await openContractServer(
		{ port: Number(values.port) },
		{ dropBodies: values['drop-bodies'], control: controlRoutes },
	);
	const end = () => {
		process.stdin.destroy();
		void server.close();
	};
	process.once('SIGTERM', end);
	if (hasParentOnStdin()) {
		process.stdin.on('close', end).resume();
	}
	process.stdout.write(`${JSON.stringify({ url: server.url, pid: process.pid })}\n`);
}

/** False for /dev/null and files, which are at their end from the start. */
function hasParentOnStdin(): boolean {
	const stdin = fstatSync(0);
	return process.stdin.isTTY || stdin.isFIFO() || stdin.isSocket();
}

void main();
