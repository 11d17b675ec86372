import { stripVTControlCharacters } from 'node:util';
import type { LinkStep } from '../engine';
import type { Output } from './context';

const WHERE = 'WhatsApp > Settings > Linked devices > Link a device';
const GROUP = 4;

type Offer = Extract<LinkStep, { state: 'linking' }>;

/** Shows codes to whoever holds the phone, one after the other. */
export class LinkScreen {
	private shown: string | undefined;
	/** Lines to go up for the next QR code; 0 when it is drawn below the former. */
	private above = 0;

	constructor(private readonly output: Output) {}

	/** Draws only what is new. */
	async show(offer: Offer): Promise<void> {
		const secret = offer.method === 'qr' ? offer.qr : offer.code;
		if (secret === this.shown) {
			return;
		}
		const isFirst = this.shown === undefined;
		this.shown = secret;
		if (offer.method === 'qr') {
			await this.showQr(secret, isFirst);
		} else {
			this.showCode(secret, offer.phone, isFirst);
		}
	}

	private showCode(code: string, phone: string, isFirst: boolean): void {
		const grouped = `${code.slice(0, GROUP)}-${code.slice(GROUP)}`;
		this.output.write(
			isFirst
				? `Pairing code: ${grouped}\n\nOn the phone with the number +${phone}: ${WHERE} > Link with phone number instead. Enter the code there.\nWaiting for the phone, up to 3 minutes …\n`
				: `The former code has expired. Pairing code: ${grouped}\n`,
		);
	}

	private async showQr(text: string, isFirst: boolean): Promise<void> {
		const { toString } = await import('qrcode');
		const drawing = await toString(text, {
			type: 'terminal',
			small: true,
			errorCorrectionLevel: 'L',
		});
		const lines = stripVTControlCharacters(drawing).trimEnd().split('\n');
		const width = Math.max(...lines.map((line) => line.length));
		const height = drawing.split('\n').length - 1;
		const { isTTY = false, columns = 0, rows = 0 } = this.output;
		const fits = columns >= width && rows > height;
		if (isFirst) {
			this.output.write(
				`On the phone: ${WHERE}. Scan this code, which changes from time to time:\n\n`,
			);
			if (isTTY && !fits) {
				this.output.write(
					`(Make the window ${width} columns wide and ${height + 1} lines high, or type a code instead of scanning: --phone NUMBER)\n\n`,
				);
			}
		} else {
			this.output.write(
				fits && this.above > 0
					? `\x1b[${this.above}A\x1b[J`
					: '\nThe former code has expired. Scan this one:\n\n',
			);
		}
		this.output.write(drawing);
		this.above = isTTY && fits ? height : 0;
	}
}
