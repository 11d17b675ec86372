import { systemClock } from '../../common/clock';

test('sleep ends at once when its signal aborts, and never rejects', async () => {
	const stop = new AbortController();
	const sleep = systemClock.sleep(60_000, stop.signal);
	stop.abort();
	await expect(sleep).resolves.toBeUndefined();
	await expect(systemClock.sleep(60_000, stop.signal)).resolves.toBeUndefined();
});

test('now is the time of day', () => {
	expect(Math.abs(systemClock.now() - Date.now())).toBeLessThan(1000);
});
