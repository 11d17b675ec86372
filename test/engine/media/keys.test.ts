import { deriveMasterKeys, deriveSenderKeys } from '../../../engine/media/keys';
import { PacketCipher } from '../../../engine/media/packetCipher';
import { toParticipantId } from '../../../engine/media/participant';
import { deriveSsrc, deriveStreamSsrcs } from '../../../engine/media/ssrc';
import { hex, number, vector, vectors } from './support/vectors';

const withCallKey = (prefix: string) =>
	vectors('keys').filter(({ id }) => id.startsWith(prefix) && !id.includes('okm'));

describe('keys', () => {
	test.each(withCallKey('e2e.keys.'))('$id', ({ inputs, expected }) => {
		const master = deriveMasterKeys(hex(inputs.callKey), String(inputs.participantId));
		const { srtp } = deriveSenderKeys(hex(inputs.callKey), String(inputs.participantId));
		expect(master.masterKey).toEqual(hex(expected.masterKey));
		expect(master.masterSalt).toEqual(hex(expected.masterSalt));
		expect(srtp.cipherKey).toEqual(hex(expected.srtpCipherKey));
		expect(srtp.authKey).toEqual(hex(expected.srtpAuthKey));
		expect(srtp.salt).toEqual(hex(expected.srtpSalt));
	});

	test.each(withCallKey('e2e.srtcpKeys.'))('$id', ({ inputs, expected }) => {
		const { srtcp } = deriveSenderKeys(hex(inputs.callKey), String(inputs.participantId));
		expect(srtcp.cipherKey).toEqual(hex(expected.cipherKey));
		expect(srtcp.authKey).toEqual(hex(expected.authKey));
		expect(srtcp.salt).toEqual(hex(expected.salt));
	});

	test('e2e.okm46', () => {
		const { inputs, expected } = vector('keys', 'e2e.okm46');
		const master = deriveMasterKeys(hex(inputs.callKey), String(inputs.participantId));
		const both = Buffer.concat([master.masterKey, master.masterSalt]);
		expect(both).toEqual(hex(expected.okm46).subarray(0, 30));
	});

	test.each([0, 16, 31, 33])('a call key of %i bytes is refused', (bytes) => {
		expect(() => deriveSenderKeys(Buffer.alloc(bytes), 'a')).toThrow(RangeError);
	});

	test('e2e.rtpIv', () => {
		const { inputs, expected } = vector('keys', 'e2e.rtpIv');
		const cipher = new PacketCipher({
			cipherKey: Buffer.alloc(16),
			authKey: Buffer.alloc(20),
			salt: hex(inputs.salt),
		});
		expect(cipher.ivOf(number(inputs.ssrc), Number(inputs.seq))).toEqual(hex(expected.iv));
	});

	test('e2e.payloadCipher', () => {
		const { inputs, expected } = vector('keys', 'e2e.payloadCipher');
		const cipher = new PacketCipher({
			cipherKey: hex(inputs.cipherKey),
			authKey: Buffer.alloc(20),
			salt: hex(inputs.salt),
		});
		const data = hex(inputs.plain);
		cipher.apply(data, number(inputs.ssrc), Number(inputs.seq));
		expect(data).toEqual(hex(expected.cipher));
	});
});

describe('SSRCs', () => {
	test.each(vectors('keys').filter(({ id }) => id.includes('.slot')))(
		'$id',
		({ inputs, expected }) => {
			const { callId, participantId, slot } = inputs;
			expect(deriveSsrc(String(callId), String(participantId), Number(slot))).toBe(
				number(expected.ssrc),
			);
		},
	);

	test('come in the order in which a relay wants them', () => {
		const { inputs, expected } = vector('keys', 'ssrc.streams');
		const ssrcs = deriveStreamSsrcs(String(inputs.callId), String(inputs.participantId));
		expect(ssrcs).toEqual((expected.streamSsrcs as string[]).map(number));
	});
});

describe('participant ids', () => {
	const { inputs, expected } = vector('keys', 'participantId.normalise');
	const cases = inputs.cases as string[];
	test.each(cases.map((address, index) => [address, (expected.results as string[])[index]]))(
		'%s is %s',
		(address, id) => expect(toParticipantId(String(address))).toBe(id),
	);

	test.each(['', '@lid', 'a@lid@lid', ':@lid'])('%j stays as it is', (address) => {
		expect(toParticipantId(address)).toBe(address);
	});
});
