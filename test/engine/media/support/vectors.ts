import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Leaves are text, numbers or truth values; the tests know which. */
// eslint-disable-next-line @typescript-eslint/no-empty-object-type -- see above
interface Values extends Record<string, Value> {}
type Value = boolean | number | string | Value[] | Values;

export interface Vector {
	id: string;
	inputs: Values;
	expected: Values;
}

/** All entries of ../vectors/<file>.json. */
export function vectors(file: 'keys' | 'rtcp' | 'rtp'): Vector[] {
	const text = readFileSync(join(__dirname, '..', 'vectors', `${file}.json`), 'utf8');
	return (JSON.parse(text) as { vectors: Vector[] }).vectors;
}

export function vector(file: Parameters<typeof vectors>[0], id: string): Vector {
	const found = vectors(file).find((candidate) => candidate.id === id);
	if (found === undefined) {
		throw new Error(`no vector ${id}`);
	}
	return found;
}

export function hex(value: Value | undefined): Buffer {
	return Buffer.from(String(value), 'hex');
}

/** An SSRC. */
export function number(value: Value | undefined): number {
	return Number.parseInt(String(value), 16);
}
