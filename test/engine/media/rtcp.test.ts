import fc from 'fast-check';
import { deriveSenderKeys } from '../../../engine/media/keys';
import { ReceptionStats } from '../../../engine/media/receptionStats';
import {
	buildSdes,
	buildSenderReport,
	createCname,
	findSenderReport,
	type ReceptionReport,
} from '../../../engine/media/rtcp';
import { RtcpReporter } from '../../../engine/media/rtcpReporter';
import { SrtcpReceiver, SrtcpSender } from '../../../engine/media/srtcp';
import { CALL_KEY } from './support/calls';
import { hex, number, vector, vectors, type Vector } from './support/vectors';

const CNAME = 'a6a7a@pj8a9aaa.org';

function senderReport({ inputs }: Vector): Buffer {
	const block = inputs.block as Record<string, number | string> | undefined;
	const reception: ReceptionReport | undefined = block && {
		ssrc: number(block.ssrc),
		fractionLost: Number(block.fractionLost),
		cumulativeLost: Number(block.cumulativeLost),
		highestSequence: Number(block.extHighestSeq),
		jitter: Number(block.jitter),
		lastSenderReport: Number(block.lsr),
		delaySinceSenderReport: Number(block.dlsr),
	};
	const report = {
		ssrc: number(inputs.ssrc),
		wallClockMs: Number(inputs.nowMs),
		rtpTimestamp: Number(inputs.rtpTimestamp),
		packets: Number(inputs.packets),
		octets: Number(inputs.octets),
	};
	return buildSenderReport(report, reception);
}

describe('reports', () => {
	test('rtcp.senderReport', () => {
		const entry = vector('rtcp', 'rtcp.senderReport');
		expect(senderReport(entry)).toEqual(hex(entry.expected.packet));
	});

	test('rtcp.cname', () => {
		const { inputs, expected } = vector('rtcp', 'rtcp.cname');
		expect(createCname(hex(inputs.entropy12))).toBe(expected.cname);
	});

	test('rtcp.sdes', () => {
		const { inputs, expected } = vector('rtcp', 'rtcp.sdes');
		expect(buildSdes(number(inputs.ssrc), String(inputs.cname))).toEqual(hex(expected.packet));
	});

	test.each(vectors('rtcp').filter(({ id }) => id.startsWith('rtcp.compound.')))('$id', (entry) => {
		const description = buildSdes(number(entry.inputs.ssrc), CNAME);
		const compound = Buffer.concat([senderReport(entry), description]);
		expect(compound).toEqual(hex(entry.expected.packet));
		expect(findSenderReport(compound)).toEqual({
			ssrc: number(entry.inputs.ssrc),
			ntpMiddle: compound.readUInt32BE(10),
		});
	});

	test('a report is found behind other packets, and nothing makes looking for it throw', () => {
		const report = senderReport(vector('rtcp', 'rtcp.senderReport'));
		const behind = Buffer.concat([buildSdes(1, CNAME), report]);
		expect(findSenderReport(behind)).toMatchObject({ ssrc: 0x12345678 });
		expect(findSenderReport(behind.subarray(0, -1))).toBeUndefined();
		fc.assert(
			fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
				findSenderReport(Buffer.from(bytes));
			}),
			{ numRuns: 3000 },
		);
	});

	test('absurd numbers fit in their fields', () => {
		const report = {
			ssrc: 1,
			wallClockMs: 5e12,
			rtpTimestamp: 0,
			packets: 2 ** 33,
			octets: 2 ** 40,
		};
		const reception = {
			ssrc: 1,
			fractionLost: 255,
			cumulativeLost: -(2 ** 30),
			highestSequence: 2 ** 40,
			jitter: 2 ** 40,
			lastSenderReport: 0,
			delaySinceSenderReport: 2 ** 40,
		};
		expect(buildSenderReport(report, reception)).toHaveLength(76);
	});
});

describe('SRTCP', () => {
	test('vectors, which follow each other', () => {
		const own = deriveSenderKeys(CALL_KEY, '111111111111111:23@lid').srtcp;
		const sender = new SrtcpSender(own);
		const receiver = new SrtcpReceiver(own);
		for (const { inputs, expected } of vectors('rtcp').filter(({ id }) =>
			id.startsWith('srtcp.'),
		)) {
			const packet = sender.protect(hex(inputs.rtcp));
			expect(packet).toEqual(hex(expected.packet));
			expect(receiver.unprotect(Buffer.from(packet))).toEqual(hex(inputs.rtcp));
			expect(receiver.unprotect(packet)).toBe('replayed');
		}
	});

	test('what is damaged is refused and never throws', () => {
		const own = deriveSenderKeys(CALL_KEY, 'a').srtcp;
		const packet = new SrtcpSender(own).protect(buildSdes(1, CNAME));
		const receiver = new SrtcpReceiver(own);
		for (let bytes = 0; bytes < packet.length; bytes++) {
			expect(['forged', 'malformed']).toContain(
				receiver.unprotect(Buffer.from(packet.subarray(0, bytes))),
			);
		}
		for (let bit = 0; bit < packet.length * 8; bit++) {
			const damaged = Buffer.from(packet);
			damaged.writeUInt8(damaged.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
			expect(typeof receiver.unprotect(damaged)).toBe('string');
		}
		expect(receiver.unprotect(Buffer.concat([packet, Buffer.alloc(3000)]))).toBe('malformed');
		expect(receiver.unprotect(packet)).toEqual(buildSdes(1, CNAME));
	});

	test('senders have windows of their own, and not too many', () => {
		const own = deriveSenderKeys(CALL_KEY, 'a').srtcp;
		const receiver = new SrtcpReceiver(own);
		const opened = Array.from({ length: 40 }, (_, ssrc) =>
			receiver.unprotect(new SrtcpSender(own).protect(buildSdes(ssrc, CNAME))),
		).filter((result) => typeof result === 'object');
		expect(opened).toHaveLength(16);
	});
});

describe('what was received', () => {
	test('loss counts since the beginning and since the last report', () => {
		const stats = new ReceptionStats(7);
		for (const index of [65_530, 65_531, 65_533, 65_532, 65_540]) {
			stats.add(index, index * 960, index * 60);
		}
		expect(stats.report(0, undefined)).toMatchObject({
			ssrc: 7,
			cumulativeLost: 6,
			fractionLost: Math.floor((6 * 256) / 11),
			highestSequence: 65_540,
			jitter: 0,
		});
		stats.add(65_541, 65_541 * 960, 65_541 * 60);
		expect(stats.report(0, undefined)).toMatchObject({ cumulativeLost: 6, fractionLost: 0 });
	});

	test('jitter is what RFC 3550 makes of it, also when timestamps wrap', () => {
		const stats = new ReceptionStats(7);
		stats.add(1, 2 ** 32 - 960, 0);
		stats.add(2, 0, 70);
		expect(stats.report(0, undefined).jitter).toBe(10);
	});

	test('reports say when the last report of the recipient came', () => {
		const own = deriveSenderKeys(CALL_KEY, 'a').srtcp;
		const reporter = new RtcpReporter({
			keys: own,
			ssrc: 1,
			entropy: Buffer.alloc(12),
			wallClockMs: () => 1_718_000_000_000,
		});
		const receiver = new SrtcpReceiver(own);
		const stats = new ReceptionStats(0x12345678);
		stats.add(1, 0, 0);
		const sent = { packets: 1, octets: 1, rtpTimestamp: 0 };
		reporter.heard(senderReport(vector('rtcp', 'rtcp.senderReport')), 1000);
		const report = receiver.unprotect(reporter.report(sent, stats, 1500)) as Buffer;
		expect(report.readUInt32BE(28 + 16)).toBe(0x18000000);
		expect(report.readUInt32BE(28 + 20)).toBe(32_768);
		const other = receiver.unprotect(reporter.report(sent, new ReceptionStats(2), 1500)) as Buffer;
		expect(other.readUInt32BE(28 + 16)).toBe(0);
		const none = receiver.unprotect(reporter.report(sent, undefined, 1500)) as Buffer;
		expect(none).toHaveLength(60);
	});
});
