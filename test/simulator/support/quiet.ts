/** Baileys' race against its own prekey upload keeps the process for so long. */
const BAILEYS_UPLOAD_TIMEOUT_MS = 30_000;

/**
 * Silences libsignal, which prints whole session records, and lets the process go while Baileys'
 * upload timer runs. Call it in `beforeEach`.
 */
export function quietBaileys(): void {
	for (const method of ['info', 'warn', 'error'] as const) {
		jest.spyOn(console, method).mockImplementation(() => undefined);
	}
	const start = global.setTimeout;
	if (jest.isMockFunction(start)) return;
	const patched = (task: () => void, milliseconds?: number) => {
		const timer = start(task, milliseconds);
		if (milliseconds === BAILEYS_UPLOAD_TIMEOUT_MS) timer.unref();
		return timer;
	};
	jest.spyOn(global, 'setTimeout').mockImplementation(patched as typeof start);
}
