import { runSimulator } from './command';

/** `npm run simulator -- --port N`: runs until SIGINT or SIGTERM; prints its variables as JSON. */
async function main(): Promise<void> {
	const simulator = await runSimulator(process.argv.slice(2));
	process.stdout.write(`${JSON.stringify(simulator.variables)}\n`);
	const stop = (): void => void simulator.close();
	process.once('SIGINT', stop);
	process.once('SIGTERM', stop);
}

main().catch((error: unknown) => {
	process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
	process.exitCode = 1;
});
