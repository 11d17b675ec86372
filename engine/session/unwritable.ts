import { CallError, type ErrorCode } from '../../common/errors';
import { errorCodeOf } from './nodeErrors';

const DISK_FULL: readonly string[] = ['EDQUOT', 'EFBIG', 'ENOSPC'];
const NOT_WRITABLE: readonly string[] = [...DISK_FULL, 'EACCES', 'EIO', 'EPERM', 'EROFS'];

/** What a call or a message comes to when its keys cannot be made. */
const KEY_FAILURES: readonly ErrorCode[] = ['NETWORK_UNREACHABLE', 'RECIPIENT_UNREACHABLE'];

/** Whether an error of Node.js says that a file could not be written. */
function isUnwritable(error: unknown): boolean {
	return NOT_WRITABLE.includes(errorCodeOf(error));
}

/** What to tell when keys cannot be kept: nothing is sent that rests on keys which could be lost. */
export function unwritable(error: unknown): CallError {
	const code = errorCodeOf(error);
	const why = DISK_FULL.includes(code) ? `the disk is full (${code})` : code;
	return new CallError('SESSION_UNREADABLE', `The session cannot be written: ${why}`, {
		hint: 'Make room on the disk that holds the folder of the session, and see that the user that n8n runs as may write there. Nothing was sent.',
	});
}

/**
 * The reason behind an error of a call or a message: keys that cannot be kept look to Baileys like
 * devices that cannot be reached.
 */
export async function storageFault(
	session: { writeFault(): Promise<CallError | undefined> },
	error: unknown,
): Promise<unknown> {
	if (error instanceof CallError) {
		const isKeys = KEY_FAILURES.includes(error.code);
		return isKeys ? ((await session.writeFault()) ?? error) : error;
	}
	return isUnwritable(error) ? unwritable(error) : error;
}
