import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BinaryNode } from '../../../../engine/call/stanzas/binaryNode';

/** A stanza and its bytes. */
export interface NodeVector {
	id: string;
	inputs: { node: BinaryNode };
	expected: { encoded: string };
}

/** Reads one of ../vectors; `{"$hex": …}` becomes bytes. */
export function readVectors<T>(name: string): Map<string, T> {
	const text = readFileSync(join(__dirname, '..', 'vectors', `${name}.json`), 'utf8');
	const { vectors } = JSON.parse(text, reviveHex) as { vectors: (T & { id: string })[] };
	return new Map(vectors.map((vector) => [vector.id, vector]));
}

function reviveHex(_key: string, value: unknown): unknown {
	if (typeof value === 'object' && value !== null && '$hex' in value) {
		return Buffer.from(String(value.$hex), 'hex');
	}
	return value;
}
