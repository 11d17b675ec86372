import { participantId, participantKeys, ssrcOf } from '../../../simulator/media/keys';
import { findReportFault, senderReport, sourceDescription } from '../../../simulator/media/rtcp';
import { readRtp, writeRtp } from '../../../simulator/media/rtp';
import { SrtcpReceiver, SrtcpSender } from '../../../simulator/media/srtcp';
import { crypt, SrtpReceiver, SrtpSender } from '../../../simulator/media/srtp';
import { hex, idsOf, vector, type Values } from './support/vectors';

function keysOf({ callKey, participantId: participant }: Values) {
	return participantKeys(hex(callKey), participant ?? '');
}

describe('keys', () => {
	it.each(idsOf('e2e.keys'))('of a sender: %s', (id) => {
		const { inputs, expected } = vector(id);
		const { srtp } = keysOf(inputs);
		expect(srtp.cipherKey.toString('hex')).toBe(expected.srtpCipherKey);
		expect(srtp.authKey.toString('hex')).toBe(expected.srtpAuthKey);
		expect(srtp.salt.toString('hex')).toBe(expected.srtpSalt);
	});

	it('of reports', () => {
		const { inputs, expected } = vector('e2e.srtcpKeys.selfDev23');
		const { cipherKey, authKey, salt } = keysOf(inputs).srtcp;
		expect(cipherKey.toString('hex')).toBe(expected.cipherKey);
		expect(authKey.toString('hex')).toBe(expected.authKey);
		expect(salt.toString('hex')).toBe(expected.salt);
	});

	it.each(idsOf('ssrc.'))('%s', (id) => {
		const { inputs, expected } = vector(id);
		const ssrc = ssrcOf(inputs.callId ?? '', inputs.participantId ?? '', inputs.slot ?? 0);
		expect(ssrc.toString(16).padStart(8, '0')).toBe(expected.ssrc);
	});

	it('name a participant', () => {
		const { inputs, expected } = vector('participantId.normalise');
		const cases = inputs.cases as unknown as string[];
		expect(cases.map(participantId)).toEqual(expected.results);
	});
});

describe('audio packets', () => {
	it('are encrypted', () => {
		const { inputs, expected } = vector('e2e.payloadCipher');
		const keys = { cipherKey: hex(inputs.cipherKey), salt: hex(inputs.salt), authKey: hex('') };
		const cipher = crypt(keys, parseInt(inputs.ssrc ?? '', 16), inputs.seq ?? 0, hex(inputs.plain));
		expect(cipher.toString('hex')).toBe(expected.cipher);
	});

	it.each(['packet.protect.speech', 'packet.protect.dtx'])('are protected: %s', (id) => {
		const { inputs, expected } = vector(id);
		const header = writeRtp({
			payloadType: inputs.pt ?? 0,
			sequence: inputs.seq ?? 0,
			timestamp: inputs.timestamp ?? 0,
			ssrc: parseInt(inputs.ssrc ?? '', 16),
			words: hex(inputs.extensionWord),
		});
		const { srtp } = keysOf(inputs);
		const packet = new SrtpSender(srtp, 4).protect(header, hex(inputs.payload));
		expect(packet.toString('hex')).toBe(expected.packet);
		const receiver = new SrtpReceiver(srtp, 4);
		expect(receiver.open(packet)).toMatchObject({ kind: 'packet', payload: hex(inputs.payload) });
		expect(receiver.open(packet)).toMatchObject({ kind: 'repeated' });
	});

	it('roll over after 65535, both ways', () => {
		const { inputs, expected } = vector('packet.protect.rollover');
		const { srtp } = keysOf(inputs);
		const [sender, receiver] = [new SrtpSender(srtp, 4), new SrtpReceiver(srtp, 4)];
		const sent = inputs.packets as unknown as Values[];
		const packets = sent.map(({ marker, seq, timestamp, payload }) => {
			const ssrc = parseInt(inputs.ssrc ?? '', 16);
			const fields = { sequence: seq ?? 0, timestamp: timestamp ?? 0, ssrc, payloadType: 120 };
			const header = writeRtp({ marker: marker === true, ...fields });
			return sender.protect(header, hex(payload));
		});
		const wanted = expected.packets as unknown as { packet: string }[];
		expect(packets.map((one) => one.toString('hex'))).toEqual(wanted.map(({ packet }) => packet));
		// The last but one comes last.
		const [first, second, third, fourth] = packets as [Buffer, Buffer, Buffer, Buffer];
		const indices = [first, second, fourth, third].map((packet) => receiver.open(packet));
		expect(indices).toMatchObject(
			[65_534, 65_535, 65_537, 65_536].map((index) => ({ kind: 'packet', index })),
		);
	});

	it('are refused when a bit is wrong, or nothing is in them', () => {
		const { srtp } = keysOf(vector('e2e.keys.self').inputs);
		const header = writeRtp({ payloadType: 120, sequence: 1, timestamp: 0, ssrc: 1 });
		const packet = new SrtpSender(srtp, 4).protect(header, Buffer.from([0x58]));
		packet.writeUInt8(packet.readUInt8(16) ^ 1, 16);
		expect(new SrtpReceiver(srtp, 4).open(packet).kind).toBe('refused');
		const empty = new SrtpSender(srtp, 4).protect(header, Buffer.alloc(0));
		expect(new SrtpReceiver(srtp, 4).open(empty).kind).toBe('refused');
		expect(new SrtpReceiver(srtp, 4).open(Buffer.alloc(11)).kind).toBe('refused');
		expect(readRtp(hex('90780001000003c012345678debe0009'))).toBeUndefined();
	});
});

describe('reports', () => {
	const RECEIVER = 'rtcp.compound.SR_block_SDES';

	it.each(['rtcp.compound.SR_SDES', RECEIVER])('are written: %s', (id) => {
		const { inputs, expected } = vector(id);
		const ssrc = parseInt(inputs.ssrc ?? '', 16);
		const facts = {
			ssrc,
			nowMs: inputs.nowMs ?? 0,
			rtpTimestamp: inputs.rtpTimestamp ?? 0,
			packets: inputs.packets ?? 0,
			octets: inputs.octets ?? 0,
		};
		const block = { ssrc: 0x9abcdef0, lost: 0, highestIndex: 41, jitter: 12 };
		const sender = senderReport(facts, id === RECEIVER ? block : undefined);
		const { inputs: description } = vector('rtcp.sdes');
		const report = Buffer.concat([sender, sourceDescription(ssrc, description.cname ?? '')]);
		expect(report.toString('hex')).toBe(expected.packet);
		expect(findReportFault(report, ssrc, 50)).toBeUndefined();
		expect(findReportFault(report, ssrc, 51)).toBeDefined();
		expect(findReportFault(report, ssrc + 1, 0)).toBeDefined();
		expect(findReportFault(report.subarray(0, -4), ssrc, 0)).toBeDefined();
		expect(findReportFault(sender, ssrc, 0)).toBeDefined();
	});

	it('are protected', () => {
		const ids = idsOf('srtcp.protect').sort(
			(a, b) => (vector(a).inputs.index ?? 0) - (vector(b).inputs.index ?? 0),
		);
		const { srtcp } = keysOf(vector(ids[0] ?? '').inputs);
		const [sender, receiver] = [new SrtcpSender(srtcp), new SrtcpReceiver(srtcp)];
		expect(ids).toHaveLength(3);
		for (const { inputs, expected } of ids.map(vector)) {
			const packet = sender.protect(hex(inputs.rtcp));
			expect(packet.toString('hex')).toBe(expected.packet);
			expect(receiver.open(packet)).toEqual(hex(inputs.rtcp));
			expect(receiver.open(packet)).toBe('repeated');
			packet.writeUInt8(packet.readUInt8(9) ^ 1, 9);
			expect(receiver.open(packet)).toBe('refused');
		}
	});
});
