import { unwrapRedundancy } from '../../../../engine/audio/mlow';
import { seededRandom } from './support/signals';
import { fromHex, toHex } from './support/vectorFiles';

function unwrap(hex: string) {
	const parts = unwrapRedundancy(fromHex(hex));
	return parts && { main: toHex(parts.main), redundant: parts.redundant.map(toHex) };
}

describe('redundancy', () => {
	test('one copy and the main frame', () => {
		expect(unwrap('850300aabbcc50112233')).toEqual({ main: '50112233', redundant: ['aabbcc'] });
	});

	test('no copy: a time code and the main frame', () => {
		expect(unwrap('0550112233')).toEqual({ main: '50112233', redundant: [] });
	});

	test('copies come in the order of their headers, an empty one too', () => {
		expect(unwrap('8a02850083010011225590')).toEqual({ main: '90', redundant: ['1122', '', '55'] });
	});

	test.each([
		['nothing', ''],
		['a header run that reaches the end', '8503'],
		['half a header', '85'],
		['a time code without a main frame', '05'],
		['a copy that leaves no room', '8503aabbcc'],
		['copies that together leave no room', '8503850300aabbccddee'],
		['copies that leave nothing for the main frame', '850200aabb'],
	])('%s is refused', (_, hex) => {
		expect(unwrap(hex)).toBeUndefined();
	});

	test('no bytes throw, and what comes back lies in them', () => {
		const random = seededRandom(3);
		for (let round = 0; round < 20_000; round++) {
			const payload = Uint8Array.from({ length: random(40) }, () => random(256));
			const parts = unwrapRedundancy(payload);
			if (parts === undefined) continue;
			expect(parts.main.length).toBeGreaterThan(0);
			const headers = 2 * parts.redundant.length + 1;
			const copies = parts.redundant.reduce((sum, copy) => sum + copy.length, 0);
			expect(headers + copies + parts.main.length).toBe(payload.length);
		}
	});
});
