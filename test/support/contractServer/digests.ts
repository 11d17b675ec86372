import { createHash, randomUUID } from 'node:crypto';

const BASE64_QUADS = /^[A-Za-z0-9+/]*={0,2}$/;
const DATA_URI_PREFIX = /^data:[\w.+-]+\/[\w.+-]+(;\s*[\w-]+=[^;,]*)*;base64$/i;
const LONGEST_DATA_URI_PREFIX = 256;
const SLICE_CHARACTERS = 1 << 20;

/** What a text holds, read as base64 (RFC 4648, section 4, padded, no line breaks) or as a data URI of it. */
export interface TextDigest {
	/** The part before the comma, of a data URI. */
	dataUri?: string;
	/** False for a text that is not base64, or decodes to nothing; then the rest means nothing. */
	isBase64: boolean;
	/** Length of the decoded data. */
	bytes: number;
	/** Of the decoded data, hexadecimal. */
	sha256: string;
}

/** Takes a text piece by piece and keeps none of it. */
export class DigestBuilder {
	private readonly hash = createHash('sha256');
	private prefix: string | undefined = '';
	private dataUri: string | undefined;
	private carry = '';
	private bytes = 0;
	private padded = false;
	private valid = true;

	feed(text: string): void {
		if (this.prefix === undefined) {
			this.feedBase64(text);
			return;
		}
		this.prefix += text;
		if (this.prefix.startsWith('data:')) {
			const comma = this.prefix.indexOf(',');
			if (comma >= 0) {
				this.dataUri = this.prefix.slice(0, comma);
				this.valid &&= DATA_URI_PREFIX.test(this.dataUri);
				this.leavePrefix(this.prefix.slice(comma + 1));
			} else if (this.prefix.length > LONGEST_DATA_URI_PREFIX) {
				this.valid = false;
				this.leavePrefix('');
			}
		} else if (this.prefix.length >= 'data:'.length) {
			this.leavePrefix(this.prefix);
		}
	}

	/** For a character that base64 does not have. */
	refuse(): void {
		this.valid = false;
	}

	end(): TextDigest {
		if (this.prefix !== undefined) {
			this.leavePrefix(this.prefix);
		}
		return {
			...(this.dataUri === undefined ? {} : { dataUri: this.dataUri }),
			isBase64: this.valid && this.carry === '' && this.bytes > 0,
			bytes: this.bytes,
			sha256: this.hash.digest('hex'),
		};
	}

	private leavePrefix(rest: string): void {
		this.prefix = undefined;
		this.feedBase64(rest);
	}

	private feedBase64(text: string): void {
		if (!this.valid || text === '') {
			return;
		}
		const joined = this.carry + text;
		const usable = joined.length - (joined.length % 4);
		const quads = joined.slice(0, usable);
		this.carry = joined.slice(usable);
		this.valid = !this.padded && BASE64_QUADS.test(quads);
		this.padded = quads.endsWith('=');
		if (this.valid) {
			const decoded = Buffer.from(quads, 'base64');
			this.bytes += decoded.length;
			this.hash.update(decoded);
		}
	}
}

/**
 * What the texts of request bodies hold. Where bodies are dropped, a long text is replaced by a
 * placeholder that stands for its digest.
 */
export class Digests {
	private readonly dropped = new Map<string, TextDigest>();

	/** @returns the placeholder */
	drop(digest: TextDigest): string {
		const placeholder = `dropped:${randomUUID()}`;
		this.dropped.set(placeholder, digest);
		return placeholder;
	}

	of(text: string): TextDigest {
		const dropped = this.dropped.get(text);
		if (dropped !== undefined) {
			return dropped;
		}
		const builder = new DigestBuilder();
		for (let start = 0; start < text.length; start += SLICE_CHARACTERS) {
			builder.feed(text.slice(start, start + SLICE_CHARACTERS));
		}
		return builder.end();
	}

	isDropped(text: string): boolean {
		return this.dropped.has(text);
	}

	clear(): void {
		this.dropped.clear();
	}
}
