import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Phone } from '../../../../simulator';

/** Shorter texts turn up by chance. */
const SHORTEST = 8;

/** What must not be told, as it could be written. */
export class Secrets {
	private readonly texts = new Set<string>();

	add(...texts: (string | undefined)[]): void {
		for (const text of texts) {
			if (text !== undefined && text.length >= SHORTEST) {
				this.texts.add(text);
			}
		}
	}

	addBytes(bytes: Uint8Array): void {
		const buffer = Buffer.from(bytes);
		this.add(buffer.toString('base64'), buffer.toString('base64url'), buffer.toString('hex'));
		this.add(buffer.toString('hex').toUpperCase(), [...buffer].join(','));
	}

	/** The text of a QR code and its parts. */
	addQr(qr: string): void {
		this.add(qr, ...qr.split(','), ...qr.split('#'));
	}

	/** Every key, private or not, in the credentials of a session without a passphrase. */
	async addCreds(folder: string): Promise<void> {
		const text = await readFile(join(folder, 'creds'), 'utf8');
		const before = this.texts.size;
		const visit = (value: unknown, name: string): void => {
			if (typeof value !== 'object' || value === null) {
				if (name === 'advSecretKey') {
					this.add(String(value));
					this.addBytes(Buffer.from(String(value), 'base64'));
				}
				return;
			}
			const { data, type } = value as { data?: unknown; type?: unknown };
			if (type === 'Buffer' && typeof data === 'string') {
				this.addBytes(Buffer.from(data, 'base64'));
				return;
			}
			Object.entries(value).forEach(([key, inner]) => visit(inner, key));
		};
		visit(JSON.parse(text), '');
		if (this.texts.size < before + 20) {
			throw new Error('The credentials hold fewer keys than they should');
		}
	}

	/** Who was called, the keys of their calls, and the token that they gave to the caller. */
	addPerson(person: Phone, token: Uint8Array): void {
		this.add(person.id, ...person.seen.calls.map(({ callKey }) => callKey));
		for (const { callKey } of person.seen.calls) {
			this.addBytes(Buffer.from(callKey, 'hex'));
		}
		this.addBytes(token);
	}

	/** The lines that tell one. */
	in(lines: readonly string[]): string[] {
		const texts = [...this.texts];
		return lines.filter((line) => texts.some((text) => line.includes(text)));
	}
}
