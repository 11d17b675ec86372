import type { RelayBlock, RelayEndpoint } from '../../relay/types';
import { attributeOf, bytesOf, childOf, childrenOf, type BinaryNode } from './binaryNode';

const MAXIMUM_TABLE_ID = 63;
const DEFAULT_TAG_BYTES = 4;
const MAXIMUM_TAG_BYTES = 20;
const IPV4_BYTES = 6;
const UDP = 0;

/**
 * Reads the `relay` element of an acknowledged offer (protocol page 02, section 5).
 *
 * Endpoints without an IPv4 address, over something else than UDP, or without a token are left out;
 * so is everything that cannot be read.
 *
 * @returns undefined without a key, or with a tag length that cannot be
 */
export function parseRelayBlock(relay: BinaryNode): RelayBlock | undefined {
	const key = textOf(childOf(relay, 'key'));
	const tagBytes = tagBytesOf(relay);
	if (key === undefined || key === '' || tagBytes === undefined) {
		return undefined;
	}
	const tokens = tableOf(relay, 'token');
	const authTokens = tableOf(relay, 'auth_token');
	const endpoints = childrenOf(relay)
		.filter(({ tag }) => tag === 'te2')
		.flatMap((te2) => endpointOf(te2, tokens, authTokens) ?? []);
	return { key, tagBytes, endpoints };
}

function endpointOf(
	te2: BinaryNode,
	tokens: ReadonlyMap<number, Uint8Array>,
	authTokens: ReadonlyMap<number, Uint8Array>,
): RelayEndpoint | undefined {
	const place = bytesOf(te2);
	const token = tokens.get(numberOf(te2, 'token_id'));
	if (place?.length !== IPV4_BYTES || numberOf(te2, 'protocol') !== UDP || token === undefined) {
		return undefined;
	}
	const view = Buffer.from(place.buffer, place.byteOffset, place.byteLength);
	const port = view.readUInt16BE(4);
	const authToken = authTokens.get(numberOf(te2, 'auth_token_id'));
	const roundTrip = attributeOf(te2, 'c2r_rtt');
	if (port === 0 || token.length === 0) {
		return undefined;
	}
	return {
		relayId: attributeOf(te2, 'relay_id') ?? '0',
		relayName: attributeOf(te2, 'relay_name') ?? '',
		address: [...view.subarray(0, 4)].join('.'),
		port,
		isFna: attributeOf(te2, 'is_fna') === '1',
		token,
		...(authToken !== undefined && { authToken }),
		...(roundTrip !== undefined && { roundTripMs: numberOf(te2, 'c2r_rtt') }),
	};
}

/** A table by `id`, else by the next free place; ids above 63 are ignored. */
function tableOf(relay: BinaryNode, tag: string): Map<number, Uint8Array> {
	const table = new Map<number, Uint8Array>();
	let next = 0;
	for (const node of childrenOf(relay)) {
		const bytes = node.tag === tag ? bytesOf(node) : undefined;
		if (bytes === undefined) {
			continue;
		}
		const id = attributeOf(node, 'id') === undefined ? next : numberOf(node, 'id');
		if (id <= MAXIMUM_TABLE_ID) {
			table.set(id, bytes);
			next = Math.max(next, id + 1);
		}
	}
	return table;
}

function tagBytesOf(relay: BinaryNode): number | undefined {
	const text = textOf(childOf(relay, 'warp_mi_tag_len'));
	if (text === undefined) {
		return DEFAULT_TAG_BYTES;
	}
	const bytes = /^\d{1,3}$/.test(text) ? Number(text) : 0;
	return bytes >= 1 && bytes <= MAXIMUM_TAG_BYTES ? bytes : undefined;
}

function textOf(node: BinaryNode | undefined): string | undefined {
	const bytes = node && bytesOf(node);
	return bytes === undefined ? undefined : Buffer.from(bytes).toString('utf8').trim();
}

/** Absent means 0; what is no number matches nothing. */
function numberOf(node: BinaryNode, name: string): number {
	const text = attributeOf(node, name) ?? '0';
	return /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
}
