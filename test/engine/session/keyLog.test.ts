import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { KeyLog, type KeyChange } from '../../../engine/session/keyLog';
import { PLAIN_BOX } from '../../../engine/session/secretBox';

const KEYS = ['a', 'b', 'c', 'session:d'];

let path: string;
let folder: string;
let damage: string[];
beforeEach(async () => {
	folder = await mkdtemp(join(tmpdir(), 'session-log-'));
	path = join(folder, 'keys.log');
	damage = [];
});
afterEach(() => rm(folder, { recursive: true, force: true }));

function openLog(): Promise<KeyLog> {
	return KeyLog.open({
		path,
		box: PLAIN_BOX,
		now: Date.now,
		isPerishable: (key) => key.startsWith('session:'),
		onDamage: (sentence) => damage.push(sentence),
	});
}

const change = fc.tuple(
	fc.constantFrom(...KEYS),
	fc.option(fc.uint8Array({ maxLength: 40 }), { nil: undefined }),
);
const batches = fc.array(fc.array(change, { maxLength: 5 }), { maxLength: 8 });

async function contentOf(log: KeyLog): Promise<Record<string, string | undefined>> {
	const entries = KEYS.map(async (key) => [key, (await log.read(key))?.toString('hex')] as const);
	return Object.fromEntries(await Promise.all(entries));
}

/** The content after the batches up to one, as a plain map would have it. */
function expected(all: KeyChange[][], upTo: number): Record<string, string | undefined> {
	const map: Record<string, string | undefined> = Object.fromEntries(
		KEYS.map((key) => [key, undefined]),
	);
	for (const [key, value] of all.slice(0, upTo).flat()) {
		map[key] = value === undefined ? undefined : Buffer.from(value).toString('hex');
	}
	return map;
}

describe('the key log', () => {
	it('is the map of all changes, and after any cut that of the first batches', async () => {
		await fc.assert(
			fc.asyncProperty(batches, fc.double({ min: 0, max: 1, noNaN: true }), async (all, cut) => {
				await rm(path, { force: true });
				const log = await openLog();
				await log.append(all);
				expect(await contentOf(log)).toEqual(expected(all, all.length));
				await log.close();
				const whole = await readFile(path);
				await writeFile(path, whole.subarray(0, 8 + Math.floor((whole.length - 8) * cut)));
				const again = await openLog();
				const found = await contentOf(again);
				await again.close();
				const possible = all.map((_, index) => expected(all, index + 1));
				expect([expected(all, 0), ...possible]).toContainEqual(found);
			}),
			{ numRuns: 60 },
		);
		expect(damage).toEqual([]);
	});

	it('opens after any damage, and invents no value', async () => {
		await fc.assert(
			fc.asyncProperty(
				batches,
				fc.nat(),
				fc.uint8Array({ minLength: 1 }),
				async (all, at, noise) => {
					await rm(path, { force: true });
					const log = await openLog();
					await log.append(all);
					await log.close();
					const bytes = await readFile(path);
					bytes.set(
						noise
							.subarray(0, Math.max(0, bytes.length - 8))
							.subarray(0, bytes.length - (at % bytes.length)),
						at % bytes.length,
					);
					await writeFile(path, bytes);
					const again = await openLog();
					const found = await contentOf(again);
					await again.close();
					const known = all
						.flat()
						.map(([key, value]) => `${key} ${value && Buffer.from(value).toString('hex')}`);
					for (const [key, value] of Object.entries(found)) {
						if (value !== undefined) {
							expect(known).toContain(`${key} ${value}`);
						}
					}
				},
			),
			{ numRuns: 60 },
		);
	});
});
