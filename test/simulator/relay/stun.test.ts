import { describeStreams } from '../../../simulator/relay/allocation';
import {
	ATTRIBUTE,
	hasFingerprint,
	isSigned,
	readStun,
	STUN,
	writeStun,
	xorAddress,
} from '../../../simulator/relay/stun';
import { hex, vector } from '../media/support/vectors';

describe('STUN', () => {
	it('is signed and summed', () => {
		for (const id of ['stun.minimal.mi', 'stun.minimal.mi.fp']) {
			const { inputs, expected } = vector(id);
			const token = { type: ATTRIBUTE.token, value: hex(inputs.attrs).subarray(4) };
			const key = hex(inputs.miKey).toString();
			const summed = id.endsWith('fp');
			const packet = writeStun(STUN.allocate, hex(inputs.tx), [token], key, summed);
			expect(packet.toString('hex')).toBe(expected.packet);
			const message = readStun(packet);
			expect(message && isSigned(message, key)).toBe(true);
			expect(message && isSigned(message, 'another')).toBe(false);
			expect(message && hasFingerprint(message)).toBe(summed);
		}
	});

	it('allocates', () => {
		const { inputs, expected } = vector('stun.allocate.web');
		const streams = describeStreams(inputs.callId ?? '', inputs.participantId ?? '');
		expect(streams.toString('hex')).toBe(expected.attr4024);
		const attributes = [
			{ type: ATTRIBUTE.token, value: hex(inputs.token) },
			{ type: ATTRIBUTE.streams, value: streams },
			{ type: ATTRIBUTE.relayAddress, value: xorAddress(inputs.ip ?? '', inputs.port ?? 0) },
		];
		const packet = writeStun(STUN.allocate, hex(inputs.tx), attributes, inputs.miKeyAscii);
		expect(packet.toString('hex')).toBe(expected.packet);
	});

	it('refuses an Allocate', () => {
		const { inputs, expected } = vector('stun.allocateError.401');
		const error = { type: ATTRIBUTE.errorCode, value: Buffer.from([0, 0, 4, 1]) };
		const packet = writeStun(STUN.allocateError, hex(inputs.tx), [error]);
		expect(packet.toString('hex')).toBe(expected.packet);
	});

	it('answers a Binding Request', () => {
		const { inputs, expected } = vector('stun.bindingSuccessReply');
		const id = hex(inputs.requestTx);
		const packet = writeStun(STUN.bindingSuccess, id, [], inputs.miKeyAscii, true);
		expect(packet.toString('hex')).toBe(expected.packet);
	});

	it('is read with care', () => {
		const good = writeStun(STUN.allocate, Buffer.alloc(12), [
			{ type: ATTRIBUTE.token, value: Buffer.alloc(5) },
		]);
		expect(readStun(good)?.attributes).toHaveLength(1);
		expect(readStun(good.subarray(0, -1))).toBeUndefined();
		const long = Buffer.from(good);
		long.writeUInt16BE(99, 22);
		expect(readStun(long)).toBeUndefined();
		const strange = Buffer.from(good);
		strange.writeUInt8(0, 4);
		expect(readStun(strange)).toBeUndefined();
	});
});
