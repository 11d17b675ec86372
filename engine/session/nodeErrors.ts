/** The code of an error of Node.js (`ENOENT`), or the name of any other error. */
export function errorCodeOf(error: unknown): string {
	if (typeof error !== 'object' || error === null) {
		return typeof error;
	}
	const { code, name } = error as { code?: unknown; name?: unknown };
	const known = [code, name].find((value) => typeof value === 'string');
	return typeof known === 'string' ? known : 'unknown error';
}
