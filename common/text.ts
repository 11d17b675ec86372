const ELLIPSIS = '…';

/** Characters that steer a terminal or the direction of text; none of them is ever part of a message. */
const UNPRINTABLE = /[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]+/g;

/**
 * Text from elsewhere made fit for an error message: one line, printable, at most `maximumLength` characters.
 */
export function printable(text: string, maximumLength = 200): string {
	const line = text
		.slice(0, maximumLength * 4)
		.replace(UNPRINTABLE, ' ')
		.replace(/\s+/g, ' ')
		.trim();
	return line.length > maximumLength ? `${line.slice(0, maximumLength - 1)}${ELLIPSIS}` : line;
}

/** A sentence that ends with a full stop, so that another one can follow. */
export function asSentence(text: string): string {
	return /[.!?…]$/.test(text) ? text : `${text}.`;
}

/** `text` with every one of `secrets` replaced by asterisks. */
export function withoutSecrets(text: string, secrets: readonly string[]): string {
	return secrets
		.filter((secret) => secret !== '')
		.reduce((cleaned, secret) => cleaned.replaceAll(secret, '***'), text);
}
