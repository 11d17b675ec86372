import { childOf, childrenOf, bytesOf, isBinaryNode } from './stanzas/binaryNode';

/** What Baileys keeps of a contact's token. */
export interface TokenEntry {
	token: Buffer;
	/** When the contact issued theirs: seconds since the epoch. */
	timestamp?: string;
	/** When they were given ours: seconds since the epoch. */
	senderTimestamp?: number;
}

/** Baileys counts the age of tokens in weeks, four of them. */
const WEEK_SECONDS = 604_800;
const VALID_WEEKS = 4;

/**
 * The token of a contact, unless there is none, it is empty, or it is too old
 * (protocol page 02, section 2).
 *
 * @param nowSeconds since the epoch
 */
export function usableToken(
	entry: TokenEntry | undefined,
	nowSeconds: number,
): Uint8Array | undefined {
	if (entry === undefined || !(entry.token?.length > 0)) {
		return undefined;
	}
	const issued = Number(entry.timestamp ?? Number.NaN);
	const oldestWeek = Math.floor(nowSeconds / WEEK_SECONDS) - (VALID_WEEKS - 1);
	return issued >= oldestWeek * WEEK_SECONDS ? entry.token : undefined;
}

/** Whether it is time to give the contact our token again: once in each calendar week of the epoch. */
export function isIssueDue(entry: TokenEntry | undefined, nowSeconds: number): boolean {
	const given = entry?.senderTimestamp;
	return (
		given === undefined || Math.floor(nowSeconds / WEEK_SECONDS) > Math.floor(given / WEEK_SECONDS)
	);
}

/** A token that came with the answer to ours, newer than the one we have. */
export function withAnsweredToken(
	entry: TokenEntry | undefined,
	answer: unknown,
	senderTimestamp: number,
): TokenEntry {
	const kept: TokenEntry = { token: Buffer.alloc(0), ...entry, senderTimestamp };
	const tokens = isBinaryNode(answer) ? childOf(answer, 'tokens') : undefined;
	for (const node of tokens === undefined ? [] : childrenOf(tokens)) {
		const token = bytesOf(node);
		const issued = Number(node.attrs.t);
		const newer = issued > 0 && !(Number(kept.timestamp) > issued);
		if (node.attrs.type === 'trusted_contact' && token !== undefined && newer) {
			return { ...kept, token: Buffer.from(token), timestamp: String(issued) };
		}
	}
	return kept;
}
