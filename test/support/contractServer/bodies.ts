import { DigestBuilder, type Digests } from './digests';

/** Texts longer than this, in bytes of their JSON, are not kept where bodies are dropped. */
const LONGEST_KEPT_TEXT = 8192;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const SLASH = 0x2f;

/** Takes a request's body in pieces; `end` gives what is kept of it. */
export interface BodyReader {
	write(chunk: Buffer): void;
	/** `body`: the JSON value, undefined where the bytes are not JSON in UTF-8. */
	end(): { rawBody: Buffer; body: unknown };
}

/** Keeps everything. */
export class KeepingReader implements BodyReader {
	private readonly chunks: Buffer[] = [];

	write(chunk: Buffer): void {
		this.chunks.push(chunk);
	}

	end(): { rawBody: Buffer; body: unknown } {
		const rawBody = Buffer.concat(this.chunks);
		return { rawBody, body: parseJson(rawBody) };
	}
}

/** Keeps the JSON with its long texts replaced by placeholders, so that memory does not grow with them. */
export class DroppingReader implements BodyReader {
	private readonly kept: Buffer[] = [];
	private text: { digest: DigestBuilder; held: Buffer[] | undefined; length: number } | undefined;
	private escaping = false;

	constructor(private readonly digests: Digests) {}

	write(chunk: Buffer): void {
		let position = 0;
		while (position < chunk.length) {
			position =
				this.text === undefined
					? this.readBetweenTexts(chunk, position)
					: this.readText(chunk, position);
		}
	}

	end(): { rawBody: Buffer; body: unknown } {
		return { rawBody: Buffer.alloc(0), body: parseJson(Buffer.concat(this.kept)) };
	}

	private readBetweenTexts(chunk: Buffer, start: number): number {
		const quote = chunk.indexOf(QUOTE, start);
		const end = quote < 0 ? chunk.length : quote + 1;
		// A copy: a view would hold the whole chunk in memory.
		this.kept.push(Buffer.from(chunk.subarray(start, end)));
		if (quote >= 0) {
			this.text = { digest: new DigestBuilder(), held: [], length: 0 };
		}
		return end;
	}

	private readText(chunk: Buffer, start: number): number {
		if (this.escaping) {
			this.escaping = false;
			this.takeEscape(chunk.subarray(start, start + 1));
			return start + 1;
		}
		const quote = indexOrEnd(chunk, QUOTE, start);
		const backslash = indexOrEnd(chunk.subarray(0, quote), BACKSLASH, start);
		this.hold(chunk.subarray(start, backslash));
		this.text?.digest.feed(chunk.toString('latin1', start, backslash));
		if (backslash < quote) {
			this.escaping = true;
			return backslash + 1;
		}
		if (quote < chunk.length) {
			this.endText();
			return quote + 1;
		}
		return quote;
	}

	private takeEscape(character: Buffer): void {
		this.hold(Buffer.concat([Buffer.from([BACKSLASH]), character]));
		if (character[0] === SLASH) {
			this.text?.digest.feed('/');
		} else {
			this.text?.digest.refuse();
		}
	}

	private hold(bytes: Buffer): void {
		const text = this.text;
		if (text === undefined) {
			return;
		}
		text.length += bytes.length;
		if (text.length > LONGEST_KEPT_TEXT) {
			text.held = undefined;
		}
		text.held?.push(Buffer.from(bytes));
	}

	private endText(): void {
		const { digest, held } = this.text ?? {};
		this.text = undefined;
		if (held !== undefined) {
			this.kept.push(...held);
		} else if (digest !== undefined) {
			this.kept.push(Buffer.from(this.digests.drop(digest.end())));
		}
		this.kept.push(Buffer.from([QUOTE]));
	}
}

function indexOrEnd(bytes: Buffer, value: number, start: number): number {
	const index = bytes.indexOf(value, start);
	return index < 0 ? bytes.length : index;
}

function parseJson(bytes: Buffer): unknown {
	try {
		const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
		return JSON.parse(text) as unknown;
	} catch {
		return undefined;
	}
}
