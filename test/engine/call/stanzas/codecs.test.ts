import { deflateSync } from 'node:zlib';
import fc from 'fast-check';
import { mlowInCapability, mlowInSettings } from '../../../../engine/call/stanzas/codecs';

describe('what the recipient says of MLow', () => {
	it.each([
		['0105f709e0bb13', true],
		['0105f709e03b13', false],
		['0103f709e0', undefined],
		['', undefined],
	])('the capability %s means %s', (hex, expected) => {
		expect(mlowInCapability(Buffer.from(hex, 'hex'))).toBe(expected);
	});

	const JSON_TEXT = Buffer.from('{"encode":{"use_mlow_codec_v1":"1"}}');

	it('is read from settings, deflated or plain', () => {
		const settings = (content: Uint8Array, attrs: Record<string, string>) =>
			mlowInSettings({ tag: 'voip_settings', attrs, content });
		expect(settings(JSON_TEXT, { uncompressed: '1' })).toBe(true);
		expect(settings(deflateSync(JSON_TEXT), {})).toBe(true);
		expect(
			settings(Buffer.from('{"encode":{"use_mlow_codec_v1":"true"}}'), { uncompressed: '1' }),
		).toBe(true);
		expect(settings(Buffer.from('{"encode":{"use_mlow_codec_v1":0}}'), { uncompressed: '1' })).toBe(
			false,
		);
		expect(settings(Buffer.from('{}'), { uncompressed: '1' })).toBeUndefined();
		expect(settings(deflateSync(Buffer.alloc(1_000_000)), {})).toBeUndefined();
	});

	it('is nothing in what cannot be read', () => {
		fc.assert(
			fc.property(fc.uint8Array({ maxLength: 60 }), fc.boolean(), (content, plain) => {
				const attrs: Record<string, string> = plain ? { uncompressed: '1' } : {};
				expect(mlowInSettings({ tag: 'voip_settings', attrs, content })).toBeUndefined();
				expect([true, false, undefined]).toContain(mlowInCapability(content));
			}),
		);
	});
});
