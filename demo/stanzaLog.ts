import type { Stage } from './stage';
import { isAboutTalk, stanzaText, stanzaTitle } from './stanzaText';

/** Older ones are forgotten. */
const MOST = 400;

/** One line of the log. */
export interface StanzaLine {
	number: number;
	/** ISO 8601. */
	at: string;
	/** 'in': from the linked device to WhatsApp. */
	direction: 'in' | 'out';
	/** Which linked device. */
	device: string;
	title: string;
	text: string;
	/** Whether it is about a call or a message. */
	talk: boolean;
}

/** Every stanza between the network and the linked devices. */
export class StanzaLog {
	readonly lines: StanzaLine[] = [];
	private readonly stop: () => void;
	private count = 0;

	/** @param added told of each new line */
	constructor(stage: Stage, added: (line: StanzaLine) => void) {
		this.stop = stage.network.watch(({ direction, device, stanza }) => {
			const line: StanzaLine = {
				number: ++this.count,
				at: new Date().toISOString(),
				direction,
				device: (device && stage.nameOf(device.lid)) ?? 'New device',
				title: stanzaTitle(stanza),
				text: stanzaText(stanza),
				talk: isAboutTalk(stanza),
			};
			this.lines.push(line);
			if (this.lines.length > MOST) this.lines.shift();
			added(line);
		});
	}

	close(): void {
		this.stop();
	}
}
