import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export type Values = Record<string, string & number & boolean & Record<string, string>>;
/** One entry of ../vectors/media.json. */
export interface Vector {
	inputs: Values;
	expected: Values;
}

const VECTORS = JSON.parse(
	readFileSync(join(__dirname, '..', 'vectors', 'media.json'), 'utf8'),
) as Record<string, Vector>;

export function vector(id: string): Vector {
	const found = VECTORS[id];
	if (!found) throw new Error(`There is no vector ${id}`);
	return found;
}

export function idsOf(prefix: string): string[] {
	return Object.keys(VECTORS).filter((id) => id.startsWith(prefix));
}

export function hex(text: string | undefined): Buffer {
	return Buffer.from(text ?? '', 'hex');
}
