import { unreachable } from '../../../../engine/audio/source/fetchErrors';
import { hopTo, nextHop } from '../../../../engine/audio/source/redirect';

const BASIC = `Basic ${Buffer.from('ann:p@ss').toString('base64')}`;

describe('credentials of a URL', () => {
	test('become Basic authentication and leave the URL', () => {
		const hop = hopTo(new URL('https://ann:p%40ss@example.com/a.mp3?b=c'));
		expect(hop.url.href).toBe('https://example.com/a.mp3?b=c');
		expect(hop.authorization).toBe(BASIC);
	});

	test('that are not percent-encoded correctly are taken as they are', () => {
		const { authorization = '' } = hopTo(new URL('https://a%zz@example.com/'));
		expect(Buffer.from(authorization.slice(6), 'base64').toString()).toBe('a%zz:');
	});

	test('stay with their origin over a redirect', () => {
		const hop = hopTo(new URL('https://ann:p%40ss@example.com/a'));
		expect(nextHop(hop, '/b')).toMatchObject({ authorization: BASIC });
		expect(nextHop(hop, 'https://example.com:444/b').authorization).toBeUndefined();
		expect(nextHop(hop, 'https://other.example/b').authorization).toBeUndefined();
	});
});

describe('a redirect', () => {
	const from = hopTo(new URL('https://example.com/a/b?secret'));

	test.each([
		['c', 'https://example.com/a/c'],
		['//other.example/c', 'https://other.example/c'],
	])('to %s', (location, expected) => {
		expect(nextHop(from, location).url.href).toBe(expected);
	});

	test.each([
		['http://example.com/a', /from https to http/],
		['file:///etc/passwd', /not http\(s\)/],
		['http://[', /not an address/],
	])('to %s is refused', (location, message) => {
		expect(() => nextHop(from, location)).toThrow(
			expect.objectContaining({
				code: 'AUDIO_UNREACHABLE',
				message: expect.stringMatching(message),
			}),
		);
	});

	test('from http to https is followed', () => {
		const hop = nextHop(hopTo(new URL('http://example.com/')), 'https://example.com/');
		expect(hop.url.protocol).toBe('https:');
	});
});

test.each([
	['ECONNREFUSED', /nothing answers/],
	['DEPTH_ZERO_SELF_SIGNED_CERT', /not trusted/],
	['UNABLE_TO_VERIFY_LEAF_SIGNATURE', /not trusted/],
	['CERT_HAS_EXPIRED', /expired/],
	['HPE_INVALID_CONSTANT', /as a web server does/],
	['ERR_SSL_WRONG_VERSION_NUMBER', /as a web server does/],
	['EWHATEVER', /connection failed \(EWHATEVER\)/],
	['toString', /connection failed \(toString\)/],
])('%s is put in words', (code, message) => {
	const error = unreachable('example.com', Object.assign(new Error('secret'), { code }));
	expect(error.message).toMatch(message);
	expect(error.message).not.toMatch(/secret/);
});
