import type { ActionList } from './actionList';
import type { CallKind } from './callTypes';
import type { BinaryNode } from './stanzas/binaryNode';

/** What a call asks of its media; a fake call asks nothing. */
export class CallMedia {
	private started = false;
	private relayReady = false;
	heard = false;

	constructor(
		private readonly kind: CallKind,
		private readonly actions: ActionList,
	) {}

	/** Whether a relay has granted us its service. */
	get ready(): boolean {
		return this.relayReady;
	}

	/** @param device the one that answered, when that came first */
	takeRelay(relay: BinaryNode, device: string | undefined): void {
		if (this.kind === 'fake') {
			return;
		}
		if (this.started) {
			this.actions.add({ kind: 'moreRelays', relay });
			return;
		}
		this.started = true;
		this.actions.clearTimer('ack');
		this.actions.add({ kind: 'startMedia', relay, ...(device !== undefined && { device }) });
	}

	markReady(): void {
		this.relayReady = this.started;
	}

	markHeard(): void {
		this.heard ||= this.started;
	}

	/** Media that has yet to start learns the device with its relays. */
	rekey(device: string): void {
		if (this.started) {
			this.actions.add({ kind: 'rekeyMedia', device });
		}
	}

	stop(): void {
		if (this.started) {
			this.actions.add({ kind: 'stopMedia' });
		}
	}
}
