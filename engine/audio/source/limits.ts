import { CallError } from '../../../common/errors';

const BYTES_PER_KILOBYTE = 1024;
const BYTES_PER_MEGABYTE = 1024 * 1024;

/** @param maximumBytes the limit that was passed, which the error names */
export function tooLarge(maximumBytes: number): CallError {
	return new CallError(
		'AUDIO_TOO_LARGE',
		`The audio is larger than ${describeSize(maximumBytes)}, which is the limit`,
	);
}

function describeSize(bytes: number): string {
	if (bytes < BYTES_PER_KILOBYTE) {
		return `${bytes} bytes`;
	}
	return bytes < BYTES_PER_MEGABYTE
		? `${oneDecimal(bytes / BYTES_PER_KILOBYTE)} kB`
		: `${oneDecimal(bytes / BYTES_PER_MEGABYTE)} MB`;
}

/** Rounded down, so that a file of the size that is named does fit. */
function oneDecimal(value: number): number {
	return Math.floor(value * 10) / 10;
}
