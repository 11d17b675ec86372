import { LRUCache } from 'lru-cache';
import type { CallableAddress } from '../../common/address';
import type { Clock } from '../../common/clock';
import { CallError } from '../../common/errors';
import type { CallTransport, NumberAnswer } from './callTransport';
import { accountOf, isLid, normalizeDeviceJid } from './stanzas/jid';

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
const REMEMBERED_NUMBERS = 2_000;

/** Whom a call goes to, as the network knows them. */
export interface Recipient {
	/** The hidden id without a device: calls use no other (protocol page 01, glossary). */
	lid: string;
	/** The telephone address, where we know it. */
	phone?: string;
	/** Every device that can be called, as stanzas write it. */
	devices: readonly string[];
}

/** What WhatsApp said about numbers. One for each session. */
export type NumberCache = LRUCache<string, NumberAnswer>;

/** Keeps answers for a day, and a no for an hour: people join. */
export function createNumberCache(clock: Clock): NumberCache {
	return new LRUCache({
		max: REMEMBERED_NUMBERS,
		ttl: DAY_MS,
		// Zero is "no time yet" to the cache.
		perf: { now: () => Math.max(1, clock.now()) },
		ttlResolution: 0,
	});
}

/**
 * Finds the person and their devices (protocol page 02, section 2).
 *
 * @param fresh ask for the devices anew: WhatsApp said that what we knew is out of date
 * @throws CallError NOT_ON_WHATSAPP, RECIPIENT_UNREACHABLE, INVALID_NUMBER for our own account
 */
export async function resolveRecipient(
	address: CallableAddress,
	transport: CallTransport,
	numbers: NumberCache,
	fresh = false,
): Promise<Recipient> {
	const phone =
		address.kind === 'phone' ? await lookUpNumber(address.number, transport, numbers) : undefined;
	const lid = phone === undefined ? address.jid : await findLid(phone, transport);
	if (lid === accountOf(transport.ownLid)) {
		throw new CallError('INVALID_NUMBER', 'An account cannot call itself', {
			hint: 'Enter the number of somebody else: this one belongs to the session itself.',
		});
	}
	const devices = await listDevices(lid, transport, fresh);
	return { lid, devices, ...(phone !== undefined && !isLid(phone) && { phone }) };
}

/**
 * The address under which WhatsApp knows a number: only it can say (Brazil's ninth digit, Mexico's 1).
 *
 * @throws CallError NOT_ON_WHATSAPP
 */
export async function lookUpNumber(
	number: string,
	transport: Pick<CallTransport, 'lookUpNumber'>,
	numbers: NumberCache,
): Promise<string> {
	let answer = numbers.get(number);
	if (answer === undefined) {
		answer = await transport.lookUpNumber(number);
		numbers.set(number, answer, { ttl: answer.exists ? DAY_MS : HOUR_MS });
	}
	const jid = accountOf(answer.jid);
	if (!answer.exists || jid === undefined) {
		throw new CallError('NOT_ON_WHATSAPP', `${number} is not on WhatsApp`);
	}
	return jid;
}

/** A look-up of devices teaches the linked device the hidden id, so one miss is no failure. */
async function findLid(jid: string, transport: CallTransport): Promise<string> {
	if (isLid(jid)) {
		return jid;
	}
	let lid = await transport.lidOf(jid);
	if (lid === undefined) {
		await transport.devicesOf(jid, true);
		lid = await transport.lidOf(jid);
	}
	const account = accountOf(lid);
	if (account === undefined || !isLid(account)) {
		throw new CallError(
			'RECIPIENT_UNREACHABLE',
			'WhatsApp gives no hidden id (LID) for this number, and calls need one',
		);
	}
	return account;
}

/** Without hosted devices, which belong to business services and do not ring. */
async function listDevices(
	lid: string,
	transport: CallTransport,
	fresh: boolean,
): Promise<string[]> {
	const listed = await transport.devicesOf(lid, fresh);
	const devices = listed.flatMap((jid) => normalizeDeviceJid(jid) ?? []);
	const own = [...new Set(devices)].filter((device) => accountOf(device) === lid);
	if (own.length === 0) {
		throw new CallError('RECIPIENT_UNREACHABLE', 'WhatsApp names no device of this recipient');
	}
	return own;
}
