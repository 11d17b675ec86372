import fc from 'fast-check';
import { deriveSenderKeys } from '../../../engine/media/keys';
import type { OutgoingRtpHeader } from '../../../engine/media/rtp';
import { SrtpReceiver, SrtpSender, type Unprotected } from '../../../engine/media/srtp';
import { CALL_KEY } from './support/calls';
import { hex, number, vector } from './support/vectors';

const keys = deriveSenderKeys(CALL_KEY, '222222222222222:0@lid').srtp;
const SSRC = 0x12345678;

function headerOf(sequence: number, changes: Partial<OutgoingRtpHeader> = {}): OutgoingRtpHeader {
	return {
		payloadType: 120,
		marker: false,
		sequence: sequence % 65_536,
		timestamp: (sequence * 960) % 2 ** 32,
		ssrc: SSRC,
		comfortNoise: false,
		...changes,
	};
}

function payloadOf(index: number): Buffer {
	const payload = Buffer.alloc(12 + (index % 50), index);
	payload.writeUInt32BE(index, 0);
	return payload;
}

function pair(tagBytes = 4): { sender: SrtpSender; receiver: SrtpReceiver } {
	return {
		sender: new SrtpSender(keys, tagBytes),
		receiver: new SrtpReceiver(keys, tagBytes),
	};
}

/** Packets first, first + 1, ... */
function packetsFrom(first: number, count: number, tagBytes = 4): Buffer[] {
	const sender = new SrtpSender(keys, tagBytes);
	return Array.from({ length: count }, (_, step) =>
		Buffer.from(sender.protect(headerOf(first + step), payloadOf(first + step))),
	);
}

describe('vectors', () => {
	test.each(['packet.protect.speech', 'packet.protect.dtx'])('%s', (id) => {
		const { inputs, expected } = vector('rtp', id);
		const own = deriveSenderKeys(hex(inputs.callKey), String(inputs.participantId)).srtp;
		const header = headerOf(Number(inputs.seq), {
			timestamp: Number(inputs.timestamp),
			ssrc: number(inputs.ssrc),
			comfortNoise: inputs.extensionWord !== undefined,
		});
		const tagBytes = Number(inputs.tagLen ?? 4);
		const packet = new SrtpSender(own, tagBytes).protect(header, hex(inputs.payload));
		expect(packet).toEqual(hex(expected.packet));
		const opened = new SrtpReceiver(own, tagBytes).unprotect(Buffer.from(packet));
		expect(opened).toMatchObject({ payload: hex(inputs.payload), index: Number(inputs.seq) });
	});

	test('packet.protect.speech.tagLen8', () => {
		const { inputs } = vector('rtp', 'packet.protect.speech');
		const { expected } = vector('rtp', 'packet.protect.speech.tagLen8');
		const packet = new SrtpSender(keys, 8).protect(
			headerOf(7, { timestamp: 960 }),
			hex(inputs.payload),
		);
		expect(packet).toEqual(hex(expected.packet));
	});

	test('packet.protect.rollover', () => {
		const { inputs, expected } = vector('rtp', 'packet.protect.rollover');
		const own = deriveSenderKeys(hex(inputs.callKey), String(inputs.participantId)).srtp;
		const sender = new SrtpSender(own, 4);
		const receiver = new SrtpReceiver(own, 4);
		const results = expected.packets as { packet: string; roc: number; seq: number }[];
		(inputs.packets as Record<string, number | string | boolean>[]).forEach((input, index) => {
			const header = headerOf(Number(input.seq), {
				timestamp: Number(input.timestamp),
				marker: input.marker === true,
				ssrc: number(inputs.ssrc),
			});
			const packet = sender.protect(header, hex(input.payload));
			const wanted = results[index];
			expect(packet).toEqual(hex(wanted?.packet));
			expect(receiver.unprotect(Buffer.from(packet))).toMatchObject({
				index: (wanted?.roc ?? 0) * 65_536 + (wanted?.seq ?? 0),
				payload: hex(input.payload),
			});
		});
	});
});

describe('both directions', () => {
	test.each([
		['75 minutes from sequence 1', 1, 75_000],
		['a minute from 65,500', 65_500, 1000],
		['a wrap at once', 65_535, 300],
	])('%s', (_name, first, count) => {
		const { sender, receiver } = pair();
		let wrong = 0;
		for (let index = first; index < first + count; index++) {
			const opened = receiver.unprotect(sender.protect(headerOf(index), payloadOf(index)));
			wrong +=
				typeof opened === 'object' &&
				opened.index === index &&
				opened.payload.equals(payloadOf(index))
					? 0
					: 1;
		}
		expect(wrong).toBe(0);
	});

	test('loss, disorder and repetitions', () => {
		const fate = fc.record({
			lost: fc.boolean(),
			delay: fc.integer({ min: 0, max: 40 }),
			twice: fc.boolean(),
		});
		const first = fc.oneof(fc.integer({ min: 0, max: 65_535 }), fc.constantFrom(65_480, 65_535, 0));
		fc.assert(
			fc.property(
				first,
				fc.array(fate, { minLength: 20, maxLength: 150 }),
				fc.integer({ min: 1, max: 20 }),
				(start, fates, tagBytes) => {
					const packets = packetsFrom(start, fates.length, tagBytes);
					const receiver = new SrtpReceiver(keys, tagBytes);
					// The first one comes first: what is before it is of another time to a receiver.
					const arrivals = packets
						.flatMap((packet, step) => {
							const { lost, delay, twice } = fates[step] ?? { lost: false, delay: 0, twice: false };
							const at = step === 0 ? -1 : step + delay;
							const copies = twice ? [at, at + 1] : [at];
							return lost && step > 0 ? [] : copies.map((time) => ({ at: time, step, packet }));
						})
						.sort((a, b) => a.at - b.at);
					const seen = new Set<number>();
					for (const { step, packet } of arrivals) {
						const opened = receiver.unprotect(Buffer.from(packet));
						if (seen.has(step)) {
							expect(opened).toBe('replayed');
							continue;
						}
						seen.add(step);
						expect((opened as Unprotected).index).toBe(start + step);
						expect((opened as Unprotected).payload).toEqual(payloadOf(start + step));
					}
				},
			),
			{ numRuns: 200 },
		);
	});

	test('a long gap within half the range is survived, also over a wrap', () => {
		const { sender, receiver } = pair();
		for (const index of [60_000, 60_000 + 32_767, 60_000 + 2 * 32_767]) {
			expect(receiver.unprotect(sender.protect(headerOf(index), payloadOf(index)))).toMatchObject({
				index,
			});
		}
	});

	test('streams of one sender do not disturb each other', () => {
		const [audio, video] = [new SrtpSender(keys, 4), new SrtpSender(keys, 4)];
		const receiver = new SrtpReceiver(keys, 4);
		for (let step = 0; step < 50; step++) {
			const one = audio.protect(headerOf(65_520 + step), payloadOf(step));
			const other = video.protect(headerOf(100 + step, { ssrc: 99 }), payloadOf(step));
			expect(receiver.unprotect(Buffer.from(one))).toMatchObject({ index: 65_520 + step });
			expect(receiver.unprotect(Buffer.from(other))).toMatchObject({ index: 100 + step });
		}
	});
});

describe('what is refused', () => {
	test('a replay, up to 64 packets back and beyond', () => {
		const packets = packetsFrom(10, 80);
		const receiver = new SrtpReceiver(keys, 4);
		const late = packets.splice(5, 1)[0] as Buffer;
		const inTime = packets.splice(40, 1)[0] as Buffer;
		for (const packet of packets) {
			expect(typeof receiver.unprotect(Buffer.from(packet))).toBe('object');
		}
		for (const packet of [...packets, late]) {
			expect(receiver.unprotect(Buffer.from(packet))).toBe('replayed');
		}
		expect(typeof receiver.unprotect(Buffer.from(inTime))).toBe('object');
		expect(receiver.unprotect(Buffer.from(inTime))).toBe('replayed');
	});

	test('a wrong tag, which changes nothing', () => {
		const [first, second] = packetsFrom(10, 2) as [Buffer, Buffer];
		const receiver = new SrtpReceiver(keys, 4);
		const forged = Buffer.from(second);
		forged.writeUInt8(forged.readUInt8(forged.length - 1) ^ 1, forged.length - 1);
		const before = Buffer.from(forged);
		expect(receiver.unprotect(forged)).toBe('forged');
		expect(forged).toEqual(before);
		expect(receiver.recognises(Buffer.from(second))).toBe(true);
		expect(typeof receiver.unprotect(second)).toBe('object');
		expect(typeof receiver.unprotect(first)).toBe('object');
	});

	test('a packet from before the first one', () => {
		const { sender, receiver } = pair();
		const before = Buffer.from(sender.protect(headerOf(65_535), payloadOf(1)));
		expect(typeof new SrtpReceiver(keys, 4).unprotect(Buffer.from(before))).toBe('object');
		const after = new SrtpSender(keys, 4).protect(headerOf(0), payloadOf(2));
		expect(typeof receiver.unprotect(after)).toBe('object');
		expect(receiver.unprotect(before)).toBe('forged');
	});

	test('short and long packets, and those without a payload', () => {
		const receiver = new SrtpReceiver(keys, 4);
		const [packet] = packetsFrom(1, 1) as [Buffer];
		for (let bytes = 0; bytes <= 20; bytes++) {
			expect(receiver.unprotect(Buffer.from(packet.subarray(0, bytes)))).toBe('malformed');
		}
		expect(receiver.unprotect(Buffer.concat([packet, Buffer.alloc(2048)]))).toBe('malformed');
		const empty = new SrtpSender(keys, 4).protect(headerOf(1), Buffer.alloc(0));
		expect(receiver.unprotect(Buffer.from(empty))).toBe('malformed');
	});

	test('more streams than a call can have', () => {
		const receiver = new SrtpReceiver(keys, 4);
		const results = Array.from({ length: 100 }, (_, ssrc) =>
			receiver.unprotect(new SrtpSender(keys, 4).protect(headerOf(1, { ssrc }), payloadOf(1))),
		);
		expect(results.filter((result) => typeof result === 'object')).toHaveLength(16);
	});

	test.each([0, 21, 1.5, Number.NaN])('tags of %d bytes', (tagBytes) => {
		expect(() => new SrtpSender(keys, tagBytes)).toThrow(RangeError);
		expect(() => new SrtpReceiver(keys, tagBytes)).toThrow(RangeError);
	});

	test('payloads that fit in no packet', () => {
		const { sender } = pair();
		expect(() => sender.protect(headerOf(1), Buffer.alloc(2009))).toThrow(RangeError);
		expect(sender.protect(headerOf(1), Buffer.alloc(2008)).length).toBeLessThanOrEqual(2048);
	});

	test('100,000 damaged packets, none of which throws', () => {
		const packets = packetsFrom(65_500, 200);
		const receiver = new SrtpReceiver(keys, 4);
		const kinds = new Map<string, number>();
		let random = 1;
		const next = (below: number): number => {
			random = (Math.imul(random, 1_103_515_245) + 12_345) >>> 0;
			return (random >>> 8) % below;
		};
		for (let round = 0; round < 100_000; round++) {
			const packet = Buffer.from(packets[next(packets.length)] as Buffer);
			for (let change = 0; change <= next(4); change++) {
				const at = next(3) === 0 ? next(20) : next(packet.length);
				packet.writeUInt8(packet.readUInt8(at) ^ (1 << next(8)), at);
			}
			const cut = next(5) === 0 ? packet.subarray(0, next(packet.length)) : packet;
			const result = receiver.unprotect(cut);
			const kind = typeof result === 'string' ? result : 'opened';
			kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
		}
		// A bit that was changed twice is as it was.
		expect(kinds.get('opened') ?? 0).toBeLessThan(1000);
		expect(kinds.get('forged')).toBeGreaterThan(50_000);
		expect(kinds.get('malformed')).toBeGreaterThan(1000);
	});
});
