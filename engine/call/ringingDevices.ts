import { accountOf } from './stanzas/jid';

/**
 * The recipient's devices: which ring, which are busy, and which have been told to stop.
 * Each is told once. Addresses are as stanzas write them.
 */
export class RingingDevices {
	private readonly known: Set<string>;
	private readonly confirmed = new Set<string>();
	private readonly busy = new Set<string>();
	private readonly told = new Set<string>();

	/**
	 * @param peer the recipient without a device, which is also the address of their phone
	 * @param ringDevices every device of theirs
	 * @param offeredDevices those that got the call key
	 */
	constructor(
		private readonly peer: string,
		ringDevices: readonly string[],
		private readonly offeredDevices: readonly string[],
	) {
		this.known = new Set(ringDevices);
	}

	/** A device confirmed that it rings; it may be one that no list named. */
	confirm(device: string): void {
		if (accountOf(device) === this.peer) {
			this.known.add(device);
			this.confirmed.add(device);
		}
	}

	markBusy(device: string): void {
		this.busy.add(device);
	}

	get busySeen(): boolean {
		return this.busy.size > 0;
	}

	/** Nobody is left who could answer. */
	get allBusy(): boolean {
		const possible = new Set([...this.offeredDevices, ...this.confirmed]);
		return possible.size > 0 && [...possible].every((device) => this.busy.has(device));
	}

	/** Every device that confirmed to ring turned out busy, and one at least said so. */
	get allConfirmedBusy(): boolean {
		return this.busySeen && [...this.confirmed].every((device) => this.busy.has(device));
	}

	/**
	 * Whom a hang-up goes to while it rings: the person, then every companion device that is not
	 * busy. Protocol page 07, Q6: whether the first alone stops them all is not known.
	 */
	toHangUp(): string[] {
		const companions = [...this.known].filter(
			(device) => device !== this.peer && !this.busy.has(device),
		);
		return this.tell([this.peer, ...companions]);
	}

	/** The devices that must learn that another one answered or declined. */
	toDismiss(except: string): string[] {
		this.told.add(except);
		return this.tell([...this.known]);
	}

	/** Whether this device still waits to be told. */
	isWaiting(device: string): boolean {
		return !this.told.has(device);
	}

	private tell(devices: readonly string[]): string[] {
		const untold = devices.filter((device) => !this.told.has(device));
		for (const device of untold) {
			this.told.add(device);
		}
		return untold;
	}
}
