import { CallError } from '../../common/errors';
import { printable } from '../../common/text';

/** What a session may be called: it is the name of a folder on every system, and nothing else. */
const SESSION_NAME = /^[A-Za-z0-9_-]{1,64}$/;

/**
 * The same name, when it is one.
 *
 * @throws CallError INVALID_OPTION
 */
export function requireSessionName(input: unknown): string {
	if (typeof input === 'string' && SESSION_NAME.test(input)) {
		return input;
	}
	const read = typeof input === 'string' ? `"${printable(input, 70)}"` : `A ${typeof input}`;
	throw new CallError('INVALID_OPTION', `${read} is not a name for a session`, {
		hint: 'A session name has 1 to 64 letters, digits, dashes or underscores, for example "main".',
	});
}
