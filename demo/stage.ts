import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startNetwork, type Network, type Phone } from '../simulator';
import { ANSWERS_AFTER_SECONDS, OWN_NUMBER, THEIR_NUMBER } from './phones';

/** A WhatsApp network on this machine with two phones, and a folder for whoever is linked to it. */
export class Stage {
	/** Who a linked device is, by both of its addresses. */
	private readonly names = new Map<string, string>();

	private constructor(
		readonly network: Network,
		/** The account that devices are linked to. */
		readonly own: Phone,
		/** The phone that the page shows. */
		readonly theirs: Phone,
		private readonly folder: string,
	) {}

	static async start(): Promise<Stage> {
		const network = await startNetwork();
		const own = network.addPhone({ number: OWN_NUMBER });
		const theirs = network.addPhone({ number: THEIR_NUMBER });
		const stage = new Stage(
			network,
			own,
			theirs,
			await mkdtemp(join(tmpdir(), 'whatsapp-call-demo-')),
		);
		await stage.answerByItself(true);
		return stage;
	}

	/** Variables that point an engine here, with a folder of its own. */
	async environmentFor(name: string): Promise<Record<string, string>> {
		const data = join(this.folder, name);
		await mkdir(data, { mode: 0o700 });
		return { ...this.network.environment, WHATSAPP_CALL_DATA: data };
	}

	/** Whether the phone answers by itself; else somebody has to press the button. */
	async answerByItself(on: boolean): Promise<void> {
		await this.theirs.setScript({
			onCall: on ? 'answer' : 'ignore',
			afterSeconds: ANSWERS_AFTER_SECONDS,
		});
	}

	get answersByItself(): boolean {
		return this.theirs.script.onCall === 'answer';
	}

	/** Scans the QR code that somebody shows, as one does with the phone in hand. */
	async scan(qr: string, name: string): Promise<void> {
		const { jid, lid } = await this.own.scan(qr);
		for (const address of [jid, lid]) this.names.set(address, name);
	}

	nameOf(address: string): string | undefined {
		return this.names.get(address);
	}

	/** As after a conversation: WhatsApp lets strangers call less. */
	introduce(): void {
		this.theirs.trust(OWN_NUMBER);
	}

	async close(): Promise<void> {
		await this.network.close();
		await rm(this.folder, { recursive: true, force: true });
	}
}
