import { mlowInCapability } from './stanzas/codecs';
import type { AcceptStanza, PreacceptStanza } from './stanzas/parse';

type Saying = Pick<AcceptStanza | PreacceptStanza, 'capability' | 'kind'>;

/**
 * Whether the recipient's app speaks MLow: the device that answers decides, by the capability of its
 * accept, else of its preaccept (protocol page 02, section 6). One that says nothing is thought to
 * speak it, as the apps of today do.
 */
export class MlowAgreement {
	/** By device: what its preaccept said. */
	private readonly ringing = new Map<string, boolean>();
	/** The first accept is the one that counts. */
	private accepted: { device: string; says: boolean | undefined } | undefined;

	/** As far as it is known; undefined when nobody said anything. */
	get speaksMlow(): boolean | undefined {
		const { accepted, ringing } = this;
		if (accepted !== undefined) {
			const said = accepted.says ?? ringing.get(accepted.device);
			return said ?? (ringing.size > 0 ? true : undefined);
		}
		// Until somebody answers, only silence is sent.
		return ringing.size > 0 ? [...ringing.values()].includes(true) : undefined;
	}

	/**
	 * @param device that sent it, by its hidden id
	 * @returns whether `speaksMlow` is another than before
	 */
	take({ kind, capability }: Saying, device: string): boolean {
		const before = this.speaksMlow;
		const says = mlowInCapability(capability);
		if (kind === 'accept') {
			this.accepted ??= { device, says };
		} else if (says !== undefined) {
			this.ringing.set(device, says);
		}
		return this.speaksMlow !== before;
	}
}
