import { readFileSync } from 'node:fs';
import { join } from 'node:path';

type Value = number | string | string[] | number[];

export interface Vector {
	inputs: Record<string, Value>;
	expected: Record<string, Value>;
}

/** One entry of ../vectors/stun.json. */
export function stunVector(id: string): Vector {
	const text = readFileSync(join(__dirname, '..', 'vectors', 'stun.json'), 'utf8');
	const { vectors } = JSON.parse(text) as { vectors: (Vector & { id: string })[] };
	const vector = vectors.find((candidate) => candidate.id === id);
	if (vector === undefined) {
		throw new Error(`no vector ${id}`);
	}
	return vector;
}

export function hex(value: Value | undefined): Buffer {
	return Buffer.from(String(value), 'hex');
}
