import { setTimeout as wait } from 'node:timers/promises';
import * as fc from 'fast-check';
import { orAborted } from '../../../engine/session/aborted';
import { backOffMs } from '../../../engine/session/backOff';
import { closingOf, verdictOf } from '../../../engine/session/closing';
import { idleClock } from '../../../engine/session/idleClock';
import { withLightTimers } from '../../../engine/session/lightTimers';
import { muteLibsignal, quietLogger } from '../../../engine/session/quiet';

describe('the back-off', () => {
	it('doubles to a minute, with jitter between half and all of it', () => {
		expect([0, 1, 2, 5, 6, 100].map((attempt) => backOffMs(attempt, 1))).toEqual([
			1000, 2000, 4000, 32_000, 60_000, 60_000,
		]);
		fc.assert(
			fc.property(fc.nat(2000), fc.double({ min: 0, max: 1, noNaN: true }), (attempt, random) => {
				const pause = backOffMs(attempt, random);
				const longest = backOffMs(attempt, 1);
				return pause >= longest / 2 - 1 && pause <= longest && longest <= 60_000;
			}),
		);
	});
});

describe('the end of a connection', () => {
	const boom = (statusCode: unknown, message = 'x'): unknown => ({
		message,
		output: { statusCode },
	});

	it.each([
		[undefined, undefined],
		[boom(515), 515],
		[boom(401), 401],
		[boom(401, 'WebSocket Error (Unexpected server response: 401)'), 408],
		[new Error('ENOTFOUND'), 408],
		[boom('401'), 408],
		[{}, 408],
	])('%j has the number %s', (error, code) => {
		expect(closingOf(error).code).toBe(code);
	});

	it('is tried again for every number that is not known', () => {
		for (const code of [408, 428, 429, 500, 503, 599, 1]) {
			expect(verdictOf({ code, reason: 'x' })).toMatchObject({
				kind: 'retry',
				error: { code: 'NETWORK_UNREACHABLE' },
			});
		}
		expect(verdictOf({ code: undefined, reason: 'x' })).toEqual({ kind: 'closed' });
	});
});

describe('what is printed', () => {
	it('has no word of libsignal, and everything else', () => {
		const printed: unknown[][] = [];
		const print = (...values: unknown[]): void => void printed.push(values);
		const output = { info: print, warn: print, error: print } as unknown as Console;
		muteLibsignal(output);
		muteLibsignal(output);
		output.info('Closing session:', { privKey: 'secret' });
		output.info('Removing old closed session:', {});
		output.error('Session error:Error: Bad MAC', 'stack');
		output.warn('Session already closed', {});
		output.info('Closing', 1);
		output.error(new Error('x'));
		output.warn();
		expect(printed).toEqual([['Closing', 1], [new Error('x')], []]);
	});

	it('of Baileys has its sentences, without objects and secrets', () => {
		const lines: string[] = [];
		const keep = (line: string, details?: object): void =>
			void lines.push(details === undefined ? line : 'details');
		const logger = quietLogger({ debug: keep, info: keep, warn: keep });
		expect(logger.child({ class: 'x' })).toBe(logger);
		logger.info({ key: 'secret' }, 'logging in...');
		logger.warn('failed for 5511999999999 with dGhpcyBpcyBhIHNlY3JldA==');
		logger.error({ err: 'secret' });
		logger.trace({}, 'secret');
		logger.debug({ frame: 'secret' }, 'communication recv');
		expect(lines).toEqual(['Baileys: logging in...', 'Baileys: failed for *** with ***']);
	});
});

describe('timers', () => {
	it('are light for whom they are to be, and as ever for all others', async () => {
		const light = withLightTimers(() => setTimeout(() => undefined, 1e6));
		const own = setTimeout(() => undefined, 1e6);
		const interval = await withLightTimers(async () => {
			await Promise.resolve();
			return setInterval(() => undefined, 1e6);
		});
		expect([light.hasRef(), own.hasRef(), interval.hasRef()]).toEqual([false, true, false]);
		clearTimeout(light);
		clearTimeout(own);
		clearInterval(interval);
		const ran = await new Promise((resolve) => setTimeout(resolve, 1, 'argument'));
		expect(ran).toBe('argument');
	});

	it('of the clock end with their signal', async () => {
		const stop = new AbortController();
		const slept = idleClock.sleep(1e6, stop.signal);
		stop.abort();
		await slept;
		await idleClock.sleep(1);
		expect(Math.abs(idleClock.now() - Date.now())).toBeLessThan(1000);
	});
});

describe('an execution that is stopped', () => {
	it('stops waiting, and what it waited for fails alone', async () => {
		const stop = new AbortController();
		const failing = wait(5).then(() => Promise.reject(new Error('later')));
		const waiting = orAborted(failing, stop.signal);
		stop.abort();
		await expect(waiting).rejects.toMatchObject({ code: 'CANCELLED' });
		await wait(10);
		expect(await orAborted(Promise.resolve(1), undefined)).toBe(1);
		expect(await orAborted(Promise.resolve(1), new AbortController().signal)).toBe(1);
	});
});
