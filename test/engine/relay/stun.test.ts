import { createHmac } from 'node:crypto';
import { crc32 } from 'node:zlib';
import {
	build,
	buildAllocate,
	buildBindingSuccess,
	buildIceAnswer,
	buildIceCheck,
	buildPing,
	streamDescriptors,
	StunType,
	xorAddress,
} from '../../../engine/relay/stun';
import { errorCodeOf, findAttribute, parseStun } from '../../../engine/relay/stunParser';
import { hex, stunVector } from './support/vectors';

function numbers(values: unknown): number[] {
	return (values as string[]).map((value) => Number.parseInt(value, 16));
}

describe('STUN messages', () => {
	it('compute the CRC-32 of RFC 8489', () => {
		const { inputs, expected } = stunVector('stun.crc32.abc');
		expect(crc32(String(inputs.ascii)).toString(16)).toBe(expected.crc32);
	});

	it.each([
		['stun.minimal.mi', false],
		['stun.minimal.mi.fp', true],
	])('match %s', (id, fingerprint) => {
		const { inputs, expected } = stunVector(id);
		const message = build(Number.parseInt(String(inputs.type), 16), hex(inputs.tx), {
			attributes: [[0x4000, hex(stunVector('stun.attr.token').inputs.value)]],
			key: hex(inputs.miKey).toString('ascii'),
			fingerprint,
		});
		expect(message.toString('hex')).toBe(expected.packet);
	});

	it('XOR an address', () => {
		const { inputs, expected } = stunVector('stun.xorEndpoint');
		const value = xorAddress(String(inputs.ip), Number(inputs.port));
		expect(value.toString('hex')).toBe(expected.attr0016value);
	});

	it('describe nine streams as captured', () => {
		const { inputs, expected } = stunVector('stun.streamDescriptors.captured');
		const value = streamDescriptors(numbers(inputs.streamSsrcs));
		expect(value.toString('hex')).toBe(expected.protobuf);
	});

	it('leave out streams without an SSRC', () => {
		expect(streamDescriptors([0, 0, 0, 0, 0, 0, 0, 0, 1]).toString('hex')).toBe('0a06080210021801');
		expect(streamDescriptors([])).toHaveLength(0);
	});

	it('ask for service as WhatsApp Web does', () => {
		const { inputs, expected } = stunVector('stun.allocate.web');
		const message = buildAllocate({
			transactionId: hex(inputs.tx),
			token: hex(inputs.token),
			streamSsrcs: numbers(expected.streamSsrcs),
			address: String(inputs.ip),
			port: Number(inputs.port),
			key: String(inputs.miKeyAscii),
		});
		expect(message.toString('hex')).toBe(expected.packet);
	});

	it('answer the relay without an address', () => {
		const { inputs, expected } = stunVector('stun.bindingSuccessReply');
		const message = buildBindingSuccess(hex(inputs.requestTx), String(inputs.miKeyAscii));
		expect(message.toString('hex')).toBe(expected.packet);
	});

	it('ping with nothing but a header', () => {
		const id = Buffer.alloc(12, 7);
		const message = buildPing(id);
		expect(message).toHaveLength(20);
		expect(parseStun(message)).toMatchObject({ type: StunType.ping, transactionId: id });
	});

	it('check connectivity with everything ICE wants', () => {
		const username = 'cmVtb3Rl:local';
		const message = buildIceCheck({
			transactionId: Buffer.alloc(12, 1),
			username,
			tieBreaker: Buffer.alloc(8, 2),
			password: 'secret',
		});
		const parsed = parseStun(message);
		if (parsed === undefined) {
			throw new Error('unreadable');
		}
		expect(parsed.type).toBe(StunType.bindingRequest);
		expect(findAttribute(parsed, 0x0006)?.toString()).toBe(username);
		expect(findAttribute(parsed, 0x0024)).toHaveLength(4);
		expect(findAttribute(parsed, 0x0025)).toHaveLength(0);
		expect(findAttribute(parsed, 0x802a)).toEqual(Buffer.alloc(8, 2));
		// Integrity covers a length that ends with itself, 8 bytes before the whole.
		const covered = Buffer.from(message.subarray(0, message.length - 32));
		covered.writeUInt16BE(message.length - 20 - 8, 2);
		const hash = createHmac('sha1', 'secret').update(covered).digest();
		expect(findAttribute(parsed, 0x0008)).toEqual(hash);
		const fingerprint = (crc32(message.subarray(0, -8)) ^ 0x5354554e) >>> 0;
		expect(findAttribute(parsed, 0x8028)?.readUInt32BE()).toBe(fingerprint);
	});

	it('answer a connectivity check with the address it came from', () => {
		const message = parseStun(buildIceAnswer(Buffer.alloc(12), '192.0.2.1', 32_853, 'secret'));
		expect(message && findAttribute(message, 0x0020)?.toString('hex')).toBe('0001a147e112a643');
	});
});

describe('the STUN parser', () => {
	it('reads answers to Allocate', () => {
		const success = stunVector('stun.allocateSuccess.minimal');
		expect(parseStun(hex(success.expected.packet))).toMatchObject({
			type: StunType.allocateSuccess,
			transactionId: hex(success.inputs.tx),
		});
		const error = stunVector('stun.allocateError.401');
		const parsed = parseStun(hex(error.expected.packet));
		expect(parsed?.type).toBe(StunType.allocateError);
		expect(parsed && errorCodeOf(parsed)).toBe(error.expected.code);
	});

	it.each([
		['too short', (bytes: Buffer) => bytes.subarray(0, 19)],
		['incomplete', (bytes: Buffer) => bytes.subarray(0, -1)],
		['of an odd length', (bytes: Buffer) => bytes.fill(5, 3, 4)],
		['without the cookie', (bytes: Buffer) => bytes.fill(0, 4, 5)],
		['no STUN at all', (bytes: Buffer) => bytes.fill(0x80, 0, 1)],
	])('refuses what is %s', (_what, spoil) => {
		expect(parseStun(spoil(hex(stunVector('stun.allocateError.401').expected.packet)))).toBe(
			undefined,
		);
	});

	it('stops at an attribute that claims more than there is', () => {
		const message = build(StunType.allocateError, Buffer.alloc(12), {
			attributes: [[0x0009, Buffer.alloc(4)]],
		});
		message.writeUInt16BE(200, 22);
		const parsed = parseStun(message);
		expect(parsed && errorCodeOf(parsed)).toBeUndefined();
	});
});
