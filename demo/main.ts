import { spawn } from 'node:child_process';
import { parseArgs } from 'node:util';
import { Demo } from './demo';
import { OWN_NUMBER, THEIR_NUMBER_WRITTEN } from './phones';
import { tour } from './tour';

const USAGE = `npm run demo [-- options]

  --exit      ends when the three operations have run; exit code 1 if something was wrong
  --n8n       starts an n8n beside it, with the workflows of docs/workflows
              (the first time it installs n8n into a cache folder: minutes, about 2 GB)
  --port N    port of the page (default: a free one)
`;
/** How long the first call waits for a browser that is being opened. */
const BROWSER_MS = 4_000;

interface Wishes {
	exit: boolean;
	n8n: boolean;
}

/** After Ctrl-C nothing is told any more. */
let isOver = false;

/** The demo: see README.md, "Development". */
async function main(): Promise<void> {
	const { values } = parseArgs({
		options: {
			exit: { type: 'boolean', default: false },
			n8n: { type: 'boolean', default: false },
			port: { type: 'string', default: '0' },
			help: { type: 'boolean', default: false },
		},
	});
	if (values.help) return say(USAGE);
	const interrupted = new Promise<void>((resolve) => {
		for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, resolve);
	});
	const demo = await Demo.start(Number(values.port));
	try {
		await Promise.race([showAll(demo, values, interrupted), interrupted]);
	} finally {
		isOver = true;
		await demo.close();
	}
}

/** Shows everything, and stays until the end unless it is told to exit. */
async function showAll(demo: Demo, { exit, n8n }: Wishes, end: Promise<void>): Promise<void> {
	const startedAt = Date.now();
	say(`The phone ${THEIR_NUMBER_WRITTEN} is at ${demo.url}: it rings, answers and plays there.`);
	if (!exit && openBrowser(demo.url)) {
		await Promise.race([demo.opened, new Promise((resolve) => setTimeout(resolve, BROWSER_MS))]);
	}
	await demo.link();
	say(
		`The built node and the server are linked devices of +${OWN_NUMBER}, on a simulated WhatsApp.`,
	);
	const wrong = await tour(demo, say);
	wrong.push(...demo.faults.map((fault) => `WhatsApp would object: ${fault}`));
	for (const one of wrong) say(`\nWRONG: ${one}`);
	say(
		`\n${wrong.length === 0 ? 'All is well' : 'Not all is well'}, after ${seconds(startedAt)} s.`,
	);
	if (wrong.length > 0 && !isOver) process.exitCode = 1;
	if (n8n) await startN8n(demo);
	if (exit) return;
	demo.showCommands();
	say('\nCall it yourself, through the server:');
	for (const command of demo.commands) say(`\n${command}`);
	say(`\nThe phone stays at ${demo.url} until you press Ctrl-C.`);
	await end;
}

async function startN8n(demo: Demo): Promise<void> {
	say('\nStarting n8n …');
	const { url, email, password } = await demo.startN8n();
	say(`n8n is at ${url}: log in as ${email} with ${password}. Its workflows are ready to run.`);
}

/** Only where somebody sits in front of it. Answers whether it was tried. */
function openBrowser(url: string): boolean {
	const { CI, DISPLAY, WAYLAND_DISPLAY } = process.env;
	if (!process.stdout.isTTY || CI) return false;
	const isMac = process.platform === 'darwin';
	if (!isMac && !DISPLAY && !WAYLAND_DISPLAY) return false;
	const opener = spawn(isMac ? 'open' : 'xdg-open', [url], { detached: true, stdio: 'ignore' });
	opener.on('error', () => {});
	opener.unref();
	return true;
}

function seconds(since: number): string {
	return ((Date.now() - since) / 1000).toFixed(1);
}

function say(text: string): void {
	if (!isOver) process.stdout.write(`${text}\n`);
}

main().catch((error: unknown) => {
	process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
	process.exitCode = 1;
});
