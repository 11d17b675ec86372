import { systemClock } from '../common/clock';
import type { Context } from './context';
import { Interrupted } from './interrupted';
import { main } from './main';

const ENDS = { SIGINT: 130, SIGTERM: 143 } as const;
/** `npx` passes on a Ctrl-C that the terminal has sent already: within so long it is the same one. */
const SAME_SIGNAL_MS = 1_000;
const ROUND_MS = 60_000;

/** Runs the command line of this process, to its end. */
export async function runProcess(): Promise<void> {
	const { stdout, stderr, env } = process;
	// Nobody reads any more, as in `… | head -1`: what was begun is finished all the same.
	stdout.on('error', () => undefined);
	stderr.on('error', () => undefined);
	const context: Context = {
		environment: env,
		output: stdout,
		errors: stderr,
		clock: systemClock,
		signal: listenForEnd(),
		openPhone: async (request) => {
			const { openPhone } = await import('../engine/index.js');
			return openPhone(request, env);
		},
	};
	// Sessions do not keep a process alive while they close.
	const alive = setInterval(() => undefined, ROUND_MS);
	process.exitCode = await main(process.argv.slice(2), context);
	clearInterval(alive);
	if (context.signal.aborted) {
		// Not waiting for what was interrupted.
		process.exit();
	}
}

/** Aborts at the first signal; the second ends the process at once. */
function listenForEnd(): AbortSignal {
	const interruption = new AbortController();
	let since = 0;
	for (const [signal, code] of Object.entries(ENDS)) {
		process.on(signal, () => {
			if (!interruption.signal.aborted) {
				since = Date.now();
				interruption.abort(new Interrupted(code));
			} else if (Date.now() - since > SAME_SIGNAL_MS) {
				process.exit(code);
			}
		});
	}
	return interruption.signal;
}
