import { secondsUntilReset } from '../../../nodes/WhatsAppCall/connections/rateLimit';
import { startContractServer, type ContractServer } from '../../support/contractServer';
import { FakeClock } from '../../support/fakeClock';
import { fake, thrown } from './support';

describe('rate limit', () => {
	let server: ContractServer;

	beforeAll(async () => {
		server = await startContractServer();
	});
	afterEach(() => server.reset());
	afterAll(async () => await server.close());

	test('waits until the server counts anew and asks again: a 429 was not executed', async () => {
		const clock = new FakeClock();
		server.failNext({ kind: 'rateLimit', resetInSeconds: 20 });
		const { items } = await fake(server, {}, { clock });
		expect(items[0]?.json.success).toBe(true);
		expect(server.calls).toHaveLength(1);
		expect(clock.slept).toHaveLength(1);
		expect(clock.slept[0]).toBeGreaterThan(18_000);
		expect(clock.slept[0]).toBeLessThan(22_000);
	});

	test('asks as often as the time allows', async () => {
		const clock = new FakeClock();
		server.failNext({ kind: 'rateLimit', resetInSeconds: 20 });
		server.failNext({ kind: 'rateLimit', resetInSeconds: 20 });
		server.failNext({ kind: 'rateLimit', resetInSeconds: 25 });
		const error = thrown(await fake(server, {}, { clock }));
		expect(error.code).toBe('RATE_LIMITED');
		expect(clock.slept).toHaveLength(2);
		expect(server.calls).toHaveLength(0);
	});

	test('fails at once when it would take longer than the option allows, and says until when', async () => {
		const clock = new FakeClock();
		server.failNext({ kind: 'rateLimit', resetInSeconds: 45 });
		const error = thrown(
			await fake(server, { options: { waitWhenRateLimitedSeconds: 30 } }, { clock }),
		);
		expect(error.code).toBe('RATE_LIMITED');
		expect(error.message).toMatch(
			/^The server answered 429: Rate limit exceeded\. Try again later\. It counts anew in 4[456] seconds$/,
		);
		expect(error.hint).toContain('Wait When Rate-Limited');
		expect(clock.slept).toHaveLength(0);
	});

	test('0 never waits', async () => {
		server.failNext({ kind: 'rateLimit', resetInSeconds: 1 });
		const error = thrown(await fake(server, { options: { waitWhenRateLimitedSeconds: 0 } }));
		expect(error.code).toBe('RATE_LIMITED');
		expect(server.requests).toHaveLength(1);
	});

	test("the contract's own limit of 100 a minute is waited out", async () => {
		const clock = new FakeClock(Date.now());
		const limited = await startContractServer({ requestsPerMinute: 2, now: () => clock.now() });
		try {
			const { items, error } = await fake(
				limited,
				{ options: { waitWhenRateLimitedSeconds: 61 } },
				{ clock, items: [{ json: {} }, { json: {} }, { json: {} }] },
			);
			expect(error).toBeUndefined();
			expect(items).toHaveLength(3);
			expect(limited.calls).toHaveLength(3);
			expect(clock.slept).toHaveLength(1);
		} finally {
			await limited.close();
		}
	});

	const NOW = Date.UTC(2026, 0, 1);
	const UNIX = NOW / 1000;
	const answer = (headers: Record<string, string>) => ({
		status: 429,
		headers,
		text: '',
		json: {},
	});

	test.each([
		['the reset header', { 'x-ratelimit-reset': String(UNIX + 7) }, 7],
		[
			"the server's own clock",
			{ 'x-ratelimit-reset': String(UNIX + 107), date: new Date(NOW + 100_000).toUTCString() },
			7,
		],
		['a reset in the past', { 'x-ratelimit-reset': String(UNIX - 7) }, 1],
		['Retry-After', { 'retry-after': '9' }, 9],
		['nothing', {}, 10],
		['nonsense', { 'x-ratelimit-reset': 'soon' }, 10],
	])('the wait follows %s', (_name, headers, seconds) => {
		expect(secondsUntilReset(answer(headers as Record<string, string>), NOW)).toBe(seconds);
	});
});
