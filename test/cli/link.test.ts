import type { Clock } from '../../common/clock';
import { CallError } from '../../common/errors';
import type { Context, SessionPhone } from '../../cli/context';
import { Interrupted } from '../../cli/interrupted';
import { main } from '../../cli/main';
import type { Identity, LinkStep } from '../../engine';
import { scanDrawing } from './support/qr';

const IDENTITY: Identity = { number: '5511999999999', lid: '123@lid' };
const LINKED: LinkStep = { state: 'linked', ...IDENTITY };
/** As long as those of WhatsApp. */
const QR_PREFIX = `https://wa.me/settings/linked_devices#${'2@'.padEnd(200, 'aBc1')}`;

/** A phone whose link goes through given steps, one each time it is looked at. */
class FakePhone implements SessionPhone {
	readonly asked: Array<string | undefined> = [];
	isClosed = false;
	private finish: (identity: Identity) => void = () => undefined;
	private fail: (error: Error) => void = () => undefined;
	private readonly done = new Promise<Identity>((resolve, reject) => {
		this.finish = resolve;
		this.fail = reject;
	});

	constructor(private readonly steps: Array<LinkStep | Error | (() => LinkStep)>) {
		this.done.catch(() => undefined);
	}

	link(phone?: string): Promise<LinkStep> {
		this.asked.push(phone);
		const next = this.steps.shift();
		if (next === undefined || next instanceof Error) {
			const error = next ?? new Error('A new link was started');
			this.fail(error);
			return Promise.reject(error);
		}
		const step = typeof next === 'function' ? next() : next;
		if (step.state === 'linked') {
			this.finish(step);
		}
		return Promise.resolve(step);
	}

	linked(): Promise<Identity> {
		return this.done;
	}

	status(): ReturnType<SessionPhone['status']> {
		return Promise.resolve({ state: 'unlinked' });
	}

	logOut(): Promise<{ removedFromAccount: boolean }> {
		return Promise.resolve({ removedFromAccount: false });
	}

	close(): Promise<void> {
		this.isClosed = true;
		this.fail(new CallError('CANCELLED', 'Linking was stopped'));
		return Promise.resolve();
	}
}

/** Sleeps are over at the next turn. */
const clock: Clock = {
	now: () => 0,
	sleep: () => new Promise((resolve) => setImmediate(resolve)),
};
const turn = (): Promise<void> => clock.sleep(0);

function qrStep(text: string): LinkStep {
	return { state: 'linking', method: 'qr', qr: `${QR_PREFIX}${text}`, expiresAt: 60_000 };
}

function codeStep(code: string): LinkStep {
	const phone = IDENTITY.number;
	return { state: 'linking', method: 'code', code, phone, expiresAt: 160_000 };
}

interface Run {
	code: number;
	/** Writes to stdout, in order. */
	writes: string[];
	output: string;
	errors: string;
}

async function run(
	phone: SessionPhone,
	args: string[] = [],
	terminal: { isTTY?: boolean; columns?: number; rows?: number } = {},
	signal = new AbortController().signal,
): Promise<Run> {
	const writes: string[] = [];
	let errors = '';
	const context: Context = {
		environment: {},
		output: { write: (text) => writes.push(text), ...terminal },
		errors: { write: (text) => (errors += text) },
		clock,
		signal,
		openPhone: () => Promise.resolve(phone),
	};
	const code = await main(['link', ...args], context);
	return { code, writes, output: writes.join(''), errors };
}

/** What every QR code that was drawn says, without its prefix. */
function scanned(writes: string[]): Array<string | undefined> {
	return writes
		.filter((text) => text.includes('█'))
		.map((text) => scanDrawing(text)?.slice(QR_PREFIX.length));
}

it('draws a QR code that a phone can read, and draws it again only when it changes', async () => {
	const phone = new FakePhone([qrStep('one'), qrStep('one'), qrStep('two'), qrStep('two'), LINKED]);
	const { code, writes, output, errors } = await run(phone);
	expect(scanned(writes)).toEqual(['one', 'two']);
	expect(output).toContain('The former code has expired');
	expect(output).toMatch(/Linked: \+5511999999999\n$/);
	expect(errors).toBe('');
	expect(code).toBe(0);
	expect(phone.isClosed).toBe(true);
});

it.each([
	['moves up to draw over the former one in a window that is large enough', true, 120, 60, true],
	['draws below the former one in a window that is too low', true, 120, 20, false],
	['draws below the former one in a window that is too narrow', true, 40, 60, false],
	['never moves the cursor where there is none', false, undefined, undefined, false],
] as const)('%s', async (_name, isTTY, columns, rows, moves) => {
	const phone = new FakePhone([qrStep('one'), qrStep('two'), LINKED]);
	const { writes, output } = await run(phone, [], { isTTY, columns, rows });
	expect(scanned(writes)).toEqual(['one', 'two']);
	const [drawing = ''] = writes.filter((text) => text.includes('█'));
	expect(output.includes(`\x1b[${drawing.split('\n').length - 1}A\x1b[J`)).toBe(moves);
	expect(/\x1b\[\d*[A-L]/.test(output)).toBe(moves);
	expect(output.includes('Make the window')).toBe(isTTY && !moves);
});

it('prints a pairing code in two groups with what to do, and the next one when it has expired', async () => {
	const phone = new FakePhone([
		codeStep('ABCD1234'),
		codeStep('ABCD1234'),
		codeStep('EFGH5678'),
		LINKED,
	]);
	const { code, output } = await run(phone, ['--phone', '+55 (11) 99999-9999']);
	expect(phone.asked).toEqual(Array(4).fill('5511999999999'));
	expect(output.match(/[A-Z]{4}-\d{4}/g)).toEqual(['ABCD-1234', 'EFGH-5678']);
	expect(output).toContain(
		'WhatsApp > Settings > Linked devices > Link a device > Link with phone number instead',
	);
	expect(code).toBe(0);
});

it('says in two lines why linking failed, and starts no new link', async () => {
	const phone = new FakePhone([
		qrStep('one'),
		new CallError('LINK_TIMEOUT', 'The device was not linked within 3 minutes'),
	]);
	const { code, errors } = await run(phone);
	expect(errors.split('\n')).toEqual([
		'The device was not linked within 3 minutes [LINK_TIMEOUT]',
		expect.stringContaining('Start linking again'),
		'',
	]);
	expect(code).toBe(1);
	expect(phone.asked).toHaveLength(2);
	expect(phone.isClosed).toBe(true);
});

it('stops when it is interrupted, and starts no new link', async () => {
	const interruption = new AbortController();
	const phone = new FakePhone([
		qrStep('one'),
		() => {
			interruption.abort(new Interrupted(130));
			return qrStep('one');
		},
	]);
	const { code, errors } = await run(phone, [], {}, interruption.signal);
	await turn();
	await turn();
	expect(code).toBe(130);
	expect(errors).toBe('Stopped.\n');
	expect(phone.asked).toHaveLength(2);
	expect(phone.isClosed).toBe(true);
});

it('says what this machine must reach when WhatsApp does not answer for a while', async () => {
	const phone = new FakePhone([LINKED]);
	const answer = phone.link.bind(phone);
	phone.link = async (number) => {
		await turn();
		await turn();
		return await answer(number);
	};
	const { code, output, errors } = await run(phone);
	expect(output).toMatch(/^Connecting to WhatsApp …\n/);
	expect(errors).toBe('No answer yet. This machine must reach web.whatsapp.com on port 443.\n');
	expect(code).toBe(0);
});

it.each([
	['12345@g.us', '"12345@g.us" is not a telephone number [INVALID_NUMBER]'],
	['123@lid', '"123@lid" is not a telephone number [INVALID_NUMBER]'],
	['011 99999', '"011 99999" starts with 0, so its country code is missing [INVALID_NUMBER]'],
])('asks for no pairing code on %s', async (number, message) => {
	const phone = new FakePhone([]);
	const { code, errors } = await run(phone, ['--phone', number]);
	expect(errors).toContain(message);
	expect(code).toBe(1);
	expect(phone.asked).toEqual([]);
});
