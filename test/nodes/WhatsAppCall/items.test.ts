import { startContractServer, type ContractServer } from '../../support/contractServer';
import { FakeClock } from '../../support/fakeClock';
import { fake, thrown } from './support';

const items = (...numbers: string[]) => numbers.map((number) => ({ json: { number } }));
const TO = { to: '={{ $json.number }}' };
const GOOD = '5511999999991';
const ALSO_GOOD = '5511999999992';

describe('several items', () => {
	let server: ContractServer;

	beforeAll(async () => {
		server = await startContractServer();
	});
	afterEach(() => server.reset());
	afterAll(async () => await server.close());

	test('run one after the other, each paired with its item', async () => {
		const result = await fake(server, TO, { items: items(GOOD, ALSO_GOOD) });
		expect(server.calls.map(({ number }) => number)).toEqual([GOOD, ALSO_GOOD]);
		expect(result.items.map(({ pairedItem }) => pairedItem)).toEqual([{ item: 0 }, { item: 1 }]);
	});

	test('the pause lies between them only', async () => {
		const clock = new FakeClock();
		const options = { pauseBetweenCallsSeconds: 3 };
		await fake(server, { ...TO, options }, { clock, items: items(GOOD, ALSO_GOOD, GOOD) });
		expect(clock.slept).toEqual([3000, 3000]);
	});

	test('an item that fails stops the node and is named', async () => {
		const result = await fake(server, TO, { items: items(GOOD, 'nonsense', GOOD) });
		expect(thrown(result).code).toBe('INVALID_NUMBER');
		expect(result.error?.context.itemIndex).toBe(1);
		expect(server.calls).toHaveLength(1);
	});

	test('continue on fail gives { error, code } for it and goes on', async () => {
		const result = await fake(server, TO, {
			items: items(GOOD, 'nonsense', ALSO_GOOD),
			onError: 'continueRegularOutput',
		});
		expect(result.error).toBeUndefined();
		expect(result.items).toHaveLength(3);
		expect(result.items[1]).toEqual({
			json: { error: '"nonsense" is not a telephone number', code: 'INVALID_NUMBER' },
			pairedItem: { item: 1 },
		});
		expect(server.calls.map(({ number }) => number)).toEqual([GOOD, ALSO_GOOD]);
	});

	test('the error output gets the failing items with their code, the other output the rest', async () => {
		const result = await fake(server, TO, {
			items: items(GOOD, 'nonsense', ALSO_GOOD),
			onError: 'continueErrorOutput',
		});
		expect(result.items.map(({ json }) => json.number)).toEqual([GOOD, ALSO_GOOD]);
		expect(result.errorItems).toHaveLength(1);
		expect(result.errorItems[0]?.json).toEqual({
			number: 'nonsense',
			error: '"nonsense" is not a telephone number',
			code: 'INVALID_NUMBER',
		});
	});

	test('a wrong option fails its item once', async () => {
		const result = await fake(
			server,
			{ options: { pauseBetweenCallsSeconds: 'soon' } },
			{ items: items(GOOD, GOOD), onError: 'continueRegularOutput' },
		);
		expect(result.items.map(({ json }) => json.code)).toEqual(['INVALID_OPTION', 'INVALID_OPTION']);
		expect(server.requests).toHaveLength(0);
	});

	test.each([
		['timeoutSeconds', 0],
		['timeoutSeconds', 601],
		['waitWhenRateLimitedSeconds', -1],
		['pauseBetweenCallsSeconds', 'x'],
		['waitAtMostSeconds', 0],
	])('the option %s refuses %p', async (name, value) => {
		const error = thrown(await fake(server, { options: { [name]: value, waitForOutcome: true } }));
		expect(error.code).toBe('INVALID_OPTION');
		expect(error.message).toContain('must be a number from');
		expect(server.calls).toHaveLength(0);
	});

	test("n8n's own errors stay what they are", async () => {
		const expression = thrown(await fake(server, { to: '={{ $("Nowhere").item.json.number }}' }));
		expect(expression.code).toBe('N8N_ERROR');
		expect(expression.hint).not.toContain('fault of the node');
		const credential = thrown(await fake(server, {}, { credentials: {} }));
		expect(credential.code).toBe('N8N_ERROR');
		expect(credential.message).toContain('credentials');
	});

	test('"Retry On Fail" gives a hint: it would call everybody again', async () => {
		const { hints } = await fake(server, {}, { retryOnFail: true });
		expect(hints[0]?.message).toContain('Retry On Fail');
		expect((await fake(server)).hints).toEqual([]);
	});

	test('a cancelled execution stops before its next item and keeps what was done', async () => {
		let cancel = () => {};
		class CancellingClock extends FakeClock {
			override async sleep(): Promise<void> {
				cancel();
			}
		}
		const result = await fake(
			server,
			{ ...TO, options: { pauseBetweenCallsSeconds: 600 } },
			{
				clock: new CancellingClock(),
				items: items(GOOD, ALSO_GOOD),
				onStart: (cancelExecution) => (cancel = cancelExecution),
			},
		);
		expect(server.calls).toHaveLength(1);
		expect(result.error).toBeUndefined();
	});
});
