import type { SessionState, SessionStatus } from '../../engine';
import { defineCommand } from '../command';
import { EXIT, PROGRAM } from '../context';
import { orInterrupted } from '../interrupted';
import { folderOf, openSession, SESSION_OPTIONS } from '../session';

const STATES: Record<SessionState, { text: string; exitCode: number }> = {
	connected: { text: 'connected', exitCode: EXIT.done },
	connecting: { text: 'linked, connecting', exitCode: EXIT.done },
	linked: { text: 'linked', exitCode: EXIT.done },
	linking: { text: 'being linked', exitCode: EXIT.notLinked },
	loggedOut: { text: 'logged out', exitCode: EXIT.notLinked },
	restricted: { text: 'restricted by WhatsApp', exitCode: EXIT.notLinked },
	unlinked: { text: 'not linked', exitCode: EXIT.notLinked },
};

export const status = defineCommand({
	name: 'status',
	summary: 'Says whether a session is linked, and to which number, without connecting',
	options: {
		...SESSION_OPTIONS,
		json: { type: 'boolean', help: 'Prints JSON: session, state, number, lid, lastError, folder' },
	},
	notes: ['Exit code: 0 when linked; 3 when not linked, logged out, or restricted by WhatsApp.'],
	run: async (values, context) => {
		const phone = await openSession(values, context);
		const known = await orInterrupted(phone.status(), context.signal);
		const folder = await folderOf(values, context);
		context.output.write(
			values.json === true
				? `${JSON.stringify({ session: values.session, ...known, folder }, undefined, 2)}\n`
				: describe(values.session, known, folder),
		);
		return STATES[known.state].exitCode;
	},
});

function describe(
	session: string,
	{ state, number, lid, lastError }: SessionStatus,
	folder: string,
): string {
	const rows = [
		['Session', session],
		['State', STATES[state].text],
		['Number', number === undefined ? undefined : `+${number}`],
		['LID', lid],
		['Last error', lastError && `${lastError.message} [${lastError.code}], ${lastError.at}`],
		['Folder', folder],
		['To link', number === undefined ? `${PROGRAM} link --session ${session}` : undefined],
	];
	return rows
		.filter(([, value]) => value !== undefined)
		.map(([label, value]) => `${`${label}:`.padEnd(11)} ${value}\n`)
		.join('');
}
