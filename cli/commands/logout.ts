import { existsSync } from 'node:fs';
import { defineCommand } from '../command';
import { EXIT, type SessionPhone } from '../context';
import { orInterrupted } from '../interrupted';
import { folderOf, openSession, SESSION_OPTIONS } from '../session';

export const logout = defineCommand({
	name: 'logout',
	summary: 'Removes a session from its WhatsApp account and deletes its keys',
	options: SESSION_OPTIONS,
	notes: [
		'The keys are deleted even if WhatsApp cannot be reached, or the passphrase is lost. The phone',
		'still lists the device then: remove it there, under Linked devices.',
	],
	run: async (values, context) => {
		const phone = await openSession(values, context);
		// A name that was mistyped leaves no folder behind.
		const exists = existsSync(await folderOf(values, context));
		const said = exists ? await orInterrupted(logOut(phone), context.signal) : NOT_LINKED;
		context.output.write(`Session ${values.session}: ${said}\n`);
		return EXIT.done;
	},
});

async function logOut(phone: SessionPhone): Promise<string> {
	// Keys that cannot be read are deleted all the same.
	const before = await phone.status().catch(() => undefined);
	const { removedFromAccount } = await phone.logOut();
	if (removedFromAccount) {
		return 'logged out. WhatsApp was told, and the keys are deleted.';
	}
	if (before !== undefined && before.number === undefined) {
		return NOT_LINKED;
	}
	return 'the keys are deleted, but WhatsApp could not be told.\nRemove the device on the phone: WhatsApp > Settings > Linked devices.';
}

const NOT_LINKED = 'not linked to a phone, so there is nothing to log out.';
