import { readList, type CallStore } from './callStore';
import type { Clock } from '../../common/clock';
import type { CallTransport } from './callTransport';
import type { PreparedOffer } from './callTypes';
import { RingingDevices } from './ringingDevices';
import { buildTerminate, type CallIdentity } from './stanzas/actions';
import { newStanzaId } from './stanzas/ids';
import { normalizeDeviceJid } from './stanzas/jid';

const STORED_AS = 'ringing-calls';
/** How long after its offer a call may still ring: callees give up after about 45 s. */
export const STILL_RINGING_MS = 60_000;
/** There is one call at a time, and a retry: more is not ours. */
const MAXIMUM_ENTRIES = 10;

/** A call that may be ringing. Holds no key. */
export interface JournalEntry extends CallIdentity {
	peer: string;
	devices: readonly string[];
	/** Milliseconds since the epoch. */
	placedAt: number;
}

/** Remembers which call may be ringing, so that the next process can stop it. */
export class CallJournal {
	private writing: Promise<unknown> = Promise.resolve();

	constructor(private readonly store: CallStore) {}

	/** Before the offer goes out. */
	async add(
		{ callId, creator, peer, ringDevices }: PreparedOffer,
		placedAt: number,
	): Promise<void> {
		const entry: JournalEntry = { callId, creator, peer, devices: ringDevices, placedAt };
		await this.change((entries) => [...entries, entry].slice(-MAXIMUM_ENTRIES));
	}

	/** When the call has ended and everybody has been told. */
	async remove(callId: string): Promise<void> {
		await this.change((entries) => entries.filter((entry) => entry.callId !== callId));
	}

	/** The calls that nobody ended. */
	async unfinished(): Promise<JournalEntry[]> {
		return (await readList(this.store, STORED_AS)).filter(isEntry);
	}

	/** One change after the other: a change reads what it writes. */
	private async change(edit: (entries: JournalEntry[]) => JournalEntry[]): Promise<void> {
		const change = this.writing.then(async () => {
			const entries = edit(await this.unfinished());
			await this.store.write(STORED_AS, JSON.stringify(entries));
		});
		this.writing = change.catch(() => undefined);
		await change;
	}
}

/**
 * Stops the calls that were ringing when an earlier process or connection died. To be called once
 * for each new connection, before the first call.
 *
 * @returns how many were told to stop
 */
export async function hangUpUnfinished(
	journal: CallJournal,
	transport: CallTransport,
	clock: Clock,
): Promise<number> {
	let told = 0;
	for (const entry of await journal.unfinished()) {
		const age = clock.now() - entry.placedAt;
		// Only the device that placed a call can end it: after a new link we are another one.
		const isOurs = entry.creator === normalizeDeviceJid(transport.ownLid);
		if (isOurs && age >= 0 && age < STILL_RINGING_MS) {
			for (const device of new RingingDevices(entry.peer, entry.devices, []).toHangUp()) {
				await transport.send(buildTerminate(entry, device, newStanzaId()));
			}
			told += 1;
		}
		await journal.remove(entry.callId);
	}
	return told;
}

function isEntry(value: unknown): value is JournalEntry {
	if (typeof value !== 'object' || value === null) {
		return false;
	}
	const { callId, creator, devices, peer, placedAt } = value as Record<string, unknown>;
	return (
		[callId, creator, peer].every((text) => typeof text === 'string') &&
		Number.isFinite(placedAt) &&
		Array.isArray(devices) &&
		devices.every((device) => typeof device === 'string')
	);
}
