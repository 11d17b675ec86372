import fc from 'fast-check';
import { parseRtpHeader, withoutPadding, writeRtpHeader } from '../../../engine/media/rtp';
import { hex, number, vectors } from './support/vectors';

describe('RTP headers', () => {
	test.each(vectors('rtp').filter(({ id }) => id.startsWith('rtp.header.')))(
		'$id',
		({ inputs, expected }) => {
			const packet = Buffer.alloc(20);
			const header = {
				marker: inputs.marker === true,
				payloadType: Number(inputs.pt),
				sequence: Number(inputs.seq),
				timestamp: Number(inputs.timestamp),
				ssrc: number(inputs.ssrc),
			};
			const comfortNoise = inputs.extensionWord !== undefined;
			const bytes = writeRtpHeader(packet, { ...header, comfortNoise });
			expect(packet.subarray(0, bytes)).toEqual(hex(expected.header));
			const parsed = parseRtpHeader(packet.subarray(0, bytes));
			expect(parsed).toEqual({ ...header, headerBytes: bytes, padded: false });
		},
	);

	test('sources and extensions of others are stepped over', () => {
		const packet = Buffer.concat([Buffer.from('b278000100000000000000aa', 'hex'), Buffer.alloc(8)]);
		const extended = Buffer.concat([packet, Buffer.from('bede0002', 'hex'), Buffer.alloc(8)]);
		expect(parseRtpHeader(extended)).toMatchObject({ headerBytes: 12 + 8 + 4 + 8, padded: true });
		expect(parseRtpHeader(extended.subarray(0, -1))).toBeUndefined();
		expect(parseRtpHeader(packet)).toBeUndefined();
	});

	test('other versions are refused', () => {
		for (const version of [0, 0x40, 0xc0]) {
			const packet = Buffer.alloc(16);
			packet.writeUInt8(version | 0x10, 0);
			expect(parseRtpHeader(packet)).toBeUndefined();
		}
	});

	test('nothing makes parsing throw, and headers end within their packet', () => {
		fc.assert(
			fc.property(fc.uint8Array({ maxLength: 120 }), fc.boolean(), (bytes, version2) => {
				const packet = Buffer.from(bytes);
				if (version2 && packet.length > 0) {
					packet.writeUInt8((packet.readUInt8(0) & 0x3f) | 0x80, 0);
				}
				const parsed = parseRtpHeader(packet);
				expect(parsed?.headerBytes ?? 0).toBeLessThanOrEqual(packet.length);
			}),
			{ numRuns: 5000 },
		);
	});

	test('padding is what its last byte says', () => {
		expect(withoutPadding(Buffer.from([1, 2, 0, 2]))).toEqual(Buffer.from([1, 2]));
		expect(withoutPadding(Buffer.from([1, 9]))).toHaveLength(0);
		expect(withoutPadding(Buffer.alloc(0))).toHaveLength(0);
	});
});
