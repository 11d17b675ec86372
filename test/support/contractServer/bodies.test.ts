import { createHash } from 'node:crypto';
import * as fc from 'fast-check';
import { DroppingReader, KeepingReader, type BodyReader } from './bodies';
import { DigestBuilder, Digests } from './digests';

const AUDIO = Buffer.alloc(60_000, Buffer.from('fffefdfc00fb7f3fff', 'hex'));
const BASE64 = AUDIO.toString('base64');
const DIGEST = {
	isBase64: true,
	bytes: AUDIO.length,
	sha256: createHash('sha256').update(AUDIO).digest('hex'),
};

function read(reader: BodyReader, bytes: Buffer, chunkLength = 1000) {
	for (let start = 0; start < bytes.length; start += chunkLength) {
		reader.write(bytes.subarray(start, start + chunkLength));
	}
	return reader.end();
}

describe('a reader that drops long texts', () => {
	it('reads any JSON without long texts as it is, however it is cut', () => {
		fc.assert(
			fc.property(
				fc.json({ stringUnit: 'binary' }),
				fc.integer({ min: 1, max: 9 }),
				(json, chunkLength) => {
					const { body } = read(new DroppingReader(new Digests()), Buffer.from(json), chunkLength);
					expect(body).toEqual(JSON.parse(json));
				},
			),
		);
	});

	it.each([1, 7, 4096, 1_000_000])('digests a long text in pieces of %d bytes', (chunkLength) => {
		const digests = new Digests();
		const json = JSON.stringify({ number: '55"\\', mediaBase64: BASE64, last: true });
		const { rawBody, body } = read(new DroppingReader(digests), Buffer.from(json), chunkLength);

		const { mediaBase64, ...rest } = body as { mediaBase64: string };
		expect(rest).toEqual({ number: '55"\\', last: true });
		expect(rawBody).toHaveLength(0);
		expect(mediaBase64.length).toBeLessThan(60);
		expect(digests.of(mediaBase64)).toEqual(DIGEST);
	});

	it.each([
		['with escaped slashes', JSON.stringify(BASE64).replaceAll('/', '\\/'), DIGEST],
		[
			'in a data URI',
			JSON.stringify(`data:audio/mpeg;base64,${BASE64}`),
			{ ...DIGEST, dataUri: 'data:audio/mpeg;base64' },
		],
		['with a line break', JSON.stringify(`${BASE64}\n`), { isBase64: false }],
		['with a foreign letter', JSON.stringify(`${BASE64}\u00e9abc`), { isBase64: false }],
		['cut short', JSON.stringify(BASE64.slice(0, -1)), { isBase64: false }],
		['in an endless data URI', JSON.stringify(`data:${'a'.repeat(9000)}`), { isBase64: false }],
	])('sees what a text is: %s', (_what, json, digest) => {
		const digests = new Digests();
		const { body } = read(new DroppingReader(digests), Buffer.from(`[${json}]`));

		expect(digests.of((body as [string])[0])).toMatchObject(digest);
	});

	it('has no body when the JSON ends within a text', () => {
		expect(read(new DroppingReader(new Digests()), Buffer.from('{"a":"b')).body).toBeUndefined();
	});
});

describe('a digest', () => {
	it('is the same of a kept text', () => {
		expect(new Digests().of(BASE64)).toEqual(DIGEST);
	});

	it('knows padding that is not at the end, in whatever pieces it comes', () => {
		const builder = new DigestBuilder();
		builder.feed('data:');
		builder.feed('audio/mpeg;base64,AA==');
		builder.feed('AAAA');

		expect(builder.end()).toMatchObject({ isBase64: false });
	});

	it('takes padded base64 and nothing else, as long as Node decodes it', () => {
		fc.assert(
			fc.property(fc.string({ unit: fc.constantFrom(...'AZaz09+/=-_ \n') }), (text) => {
				const decoded = Buffer.from(text, 'base64');
				const { isBase64, bytes } = new Digests().of(text);
				expect(isBase64).toBe(
					/^([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(text) && text !== '',
				);
				if (isBase64) {
					expect(bytes).toBe(decoded.length);
				}
			}),
		);
	});
});

describe('a reader that keeps everything', () => {
	it('gives the bytes and the JSON', () => {
		const bytes = Buffer.from('{"a": ["\u00e9"]}');

		expect(read(new KeepingReader(), bytes, 9)).toEqual({
			rawBody: bytes,
			body: { a: ['\u00e9'] },
		});
	});

	it.each([Buffer.from(''), Buffer.from('{'), Buffer.from([0x22, 0xff, 0x22])])(
		'gives no JSON for %j',
		(bytes) => {
			expect(read(new KeepingReader(), bytes)).toEqual({ rawBody: bytes, body: undefined });
		},
	);
});
