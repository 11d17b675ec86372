import { parseAddress } from '../../common/address';
import { CallError } from '../../common/errors';
import type { Identity } from '../../engine';
import { defineCommand } from '../command';
import { EXIT, PROGRAM, type Context, type SessionPhone } from '../context';
import { orInterrupted } from '../interrupted';
import { LinkScreen } from '../linkScreen';
import { openSession, SESSION_OPTIONS } from '../session';

/** How often to look whether the code is still the same one, in milliseconds. */
const LOOK_MS = 1_000;
/** How long WhatsApp may take to give a first code before a word about it, in milliseconds. */
const SLOW_MS = 10_000;

export const link = defineCommand({
	name: 'link',
	summary: 'Links a session to a phone, by QR code or by pairing code',
	options: {
		...SESSION_OPTIONS,
		phone: {
			type: 'string',
			value: 'NUMBER',
			help: 'Number of the account, with country code: prints a code to type there, and no QR code',
		},
	},
	notes: ['Waits for the phone for up to 3 minutes.'],
	run: async (values, context) => {
		const number = values.phone === undefined ? undefined : readNumber(values.phone);
		const phone = await openSession(values, context);
		const { output, signal } = context;
		// Asked first: n8n may use the session at the moment.
		const before = await orInterrupted(phone.status(), signal);
		if (before.number !== undefined) {
			output.write(
				`Already linked: +${before.number}\nTo link another phone, run "${PROGRAM} logout --session ${values.session}" first.\n`,
			);
			return EXIT.done;
		}
		let identity: Identity;
		try {
			identity = await orInterrupted(waitForPhone(phone, number, context), signal);
		} finally {
			await phone.close();
		}
		// Said when the keys are on disk.
		output.write(`Linked: +${identity.number}\n`);
		return EXIT.done;
	},
});

/** @throws CallError INVALID_NUMBER */
function readNumber(text: string): string {
	const address = parseAddress(text);
	if (address.kind !== 'phone') {
		throw new CallError('INVALID_NUMBER', `"${address.jid}" is not a telephone number`);
	}
	return address.number;
}

/** Shows the code, and each that takes its place, until a phone has accepted one. */
async function waitForPhone(
	phone: SessionPhone,
	number: string | undefined,
	{ output, errors, clock, signal }: Context,
): Promise<Identity> {
	output.write('Connecting to WhatsApp …\n');
	const screen = new LinkScreen(output);
	const over = new AbortController();
	const answered = new AbortController();
	const starting = phone.link(number).finally(() => answered.abort());
	void clock.sleep(SLOW_MS, AbortSignal.any([answered.signal, signal])).then(() => {
		if (!answered.signal.aborted && !signal.aborted) {
			errors.write('No answer yet. This machine must reach web.whatsapp.com on port 443.\n');
		}
	});
	let step = await starting;
	const linked = phone.linked().finally(() => over.abort());
	linked.catch(() => undefined);
	while (step.state === 'linking') {
		await screen.show(step);
		await clock.sleep(LOOK_MS, over.signal);
		signal.throwIfAborted();
		// To ask again would start a new link.
		if (over.signal.aborted) {
			break;
		}
		step = await phone.link(number);
	}
	return await linked;
}
