import { execFileSync } from 'node:child_process';

import fc from 'fast-check';

import { OggWriter, readOggPackets } from '../../../../engine/audio/voiceNote/ogg';
import type { OggPacket, ReadOggOptions } from '../../../../engine/audio/voiceNote/ogg';

const HEADER_BYTES = 27;
const filled = (length: number, value: number) => new Uint8Array(length).fill(value);
const read = (bytes: Uint8Array, options?: ReadOggOptions) => [...readOggPackets(bytes, options)];
const firstBytes = (packets: readonly OggPacket[]) => packets.map(({ packet }) => packet[0]);

/** A stream of one-page packets, each filled with its number; the first page begins it. */
function stream(count: number, serial = 1, length = 10): Buffer {
	const writer = new OggWriter(serial);
	for (let index = 0; index < count; index++) {
		writer.endPage();
		writer.add(filled(length, index), BigInt(index));
	}
	return Buffer.from(writer.finish(BigInt(count)));
}

/** Writes the checksum of a page anew, by the definition in RFC 3533, bit after bit. */
function sealed(page: Buffer): Buffer {
	page.writeUInt32LE(0, 22);
	let crc = 0;
	for (const byte of page) {
		crc = (crc ^ (byte << 24)) >>> 0;
		for (let bit = 0; bit < 8; bit++) {
			crc = (crc & 0x80000000 ? (crc << 1) ^ 0x04c11db7 : crc << 1) >>> 0;
		}
	}
	page.writeUInt32LE(crc, 22);
	return page;
}

function page(options: {
	flags?: number;
	granule?: bigint;
	serial?: number;
	sequence: number;
	lacing: number[];
	body: Uint8Array;
}): Buffer {
	const header = Buffer.alloc(HEADER_BYTES);
	header.write('OggS', 'latin1');
	header.writeUInt8(options.flags ?? 0, 5);
	header.writeBigInt64LE(options.granule ?? 0n, 6);
	header.writeUInt32LE(options.serial ?? 1, 14);
	header.writeUInt32LE(options.sequence, 18);
	header.writeUInt8(options.lacing.length, 26);
	return sealed(Buffer.concat([header, Uint8Array.from(options.lacing), options.body]));
}

describe('writing', () => {
	test('a page is laid out as RFC 3533 says', () => {
		const writer = new OggWriter(0xfedcba98);
		writer.add(filled(300, 7), 960n);
		const bytes = Buffer.from(writer.finish(500n));
		expect(bytes.toString('latin1', 0, 4)).toBe('OggS');
		expect(bytes[5]).toBe(2 | 4);
		expect(bytes.readBigInt64LE(6)).toBe(500n);
		expect(bytes.readUInt32LE(14)).toBe(0xfedcba98);
		expect([...bytes.subarray(26, 29)]).toEqual([2, 255, 45]);
		expect(Buffer.compare(sealed(Buffer.from(bytes)), bytes)).toBe(0);
	});

	test('a packet of a multiple of 255 bytes ends with an empty segment', () => {
		const writer = new OggWriter(1);
		writer.add(filled(510, 7), 1n);
		const bytes = writer.finish(1n);
		expect([...bytes.subarray(26, 30)]).toEqual([3, 255, 255, 0]);
		expect(read(bytes)[0]?.packet).toHaveLength(510);
	});

	test('a full page makes way for the next, and too long a packet is refused', () => {
		const writer = new OggWriter(1);
		writer.add(filled(40_000, 1), 1n);
		writer.add(filled(40_000, 2), 2n);
		expect(writer.packetsOnPage).toBe(1);
		expect(() => writer.add(filled(65_025, 3), 3n)).toThrow(RangeError);
		writer.add(filled(65_024, 3), 3n);
		const packets = read(writer.finish(3n), { damage: 'refuse' });
		expect(packets.map(({ packet }) => packet.length)).toEqual([40_000, 40_000, 65_024]);
	});

	test('what was written is read again', () => {
		const content = fc.array(fc.uint8Array({ maxLength: 3000, size: 'max' }), { minLength: 1 });
		fc.assert(
			fc.property(
				content,
				fc.nat(0xffffffff),
				fc.integer({ min: 1, max: 5 }),
				(all, serial, per) => {
					const writer = new OggWriter(serial);
					all.forEach((packet, index) => {
						if (writer.packetsOnPage === per) {
							writer.endPage();
						}
						writer.add(packet, BigInt(index));
					});
					const packets = read(writer.finish(BigInt(all.length)), { damage: 'refuse' });
					expect(packets.map(({ packet }) => Buffer.from(packet).toString('hex'))).toEqual(
						all.map((packet) => Buffer.from(packet).toString('hex')),
					);
					expect(packets.every((packet) => packet.serial === serial)).toBe(true);
					expect(packets.filter(({ endOfStream }) => endOfStream)).toEqual([packets.at(-1)]);
					expect(packets.at(-1)?.granulePosition).toBe(BigInt(all.length));
				},
			),
			{ numRuns: 200 },
		);
	});
});

describe('reading', () => {
	test('only the last packet that ends on a page has its granule position', () => {
		const writer = new OggWriter(1);
		writer.add(filled(3, 1), 1n);
		writer.add(filled(3, 2), 2n);
		const packets = read(writer.finish(7n));
		expect(packets.map((packet) => packet.granulePosition)).toEqual([-1n, 7n]);
		expect(packets.map((packet) => packet.endOfStream)).toEqual([false, true]);
	});

	test('a packet over three pages is put together', () => {
		const pages = [
			page({
				flags: 2,
				sequence: 0,
				lacing: [1, 255],
				body: Buffer.concat([filled(1, 9), filled(255, 1)]),
			}),
			page({ flags: 1, granule: -1n, sequence: 1, lacing: [255], body: filled(255, 2) }),
			page({
				flags: 5,
				granule: 8n,
				sequence: 2,
				lacing: [4, 2],
				body: Buffer.concat([filled(4, 3), filled(2, 8)]),
			}),
		];
		const packets = read(Buffer.concat(pages), { damage: 'refuse' });
		expect(packets.map(({ packet }) => packet.length)).toEqual([1, 514, 2]);
		expect(packets.map((packet) => packet.granulePosition)).toEqual([0n, -1n, 8n]);
		// Without the page in the middle both parts of the long packet are gone.
		const gap = Buffer.concat([pages[0] ?? Buffer.of(), pages[2] ?? Buffer.of()]);
		expect(firstBytes(read(gap))).toEqual([9, 8]);
		expect(() => read(gap, { damage: 'refuse' })).toThrow('damaged');
		// And without its end.
		const cut = Buffer.concat(pages.slice(0, 2));
		expect(firstBytes(read(cut))).toEqual([9]);
	});

	test('pages with a wrong checksum are left out, or refused', () => {
		const bytes = stream(5);
		bytes[(bytes.length / 5) * 2 + HEADER_BYTES + 4] = 0x55;
		expect(firstBytes(read(bytes))).toEqual([0, 1, 3, 4]);
		expect(() => read(bytes, { damage: 'refuse' })).toThrow(
			expect.objectContaining({ code: 'AUDIO_UNREADABLE' }),
		);
	});

	test('bytes before, between and after pages are passed over, or refused', () => {
		const bytes = stream(2);
		const half = bytes.length / 2;
		const dirty = Buffer.concat([
			Buffer.from('ID3 OggS'),
			bytes.subarray(0, half),
			Buffer.from('OggOggS'),
			bytes.subarray(half),
			Buffer.from('tail'),
		]);
		expect(firstBytes(read(dirty))).toEqual([0, 1]);
		expect(() => read(dirty, { damage: 'refuse' })).toThrow('damaged');
		expect(() => read(Buffer.concat([bytes, Buffer.of(0)]), { damage: 'refuse' })).toThrow(
			'damaged',
		);
	});

	test('a file cut off anywhere gives its whole pages', () => {
		const bytes = stream(4);
		for (let length = 0; length <= bytes.length; length++) {
			expect(read(bytes.subarray(0, length))).toHaveLength(Math.floor((4 * length) / bytes.length));
		}
	});

	test('chained streams follow each other, also when the first has no end', () => {
		const both = read(Buffer.concat([stream(3, 1), stream(2, 2)]));
		expect(both.map(({ serial }) => serial)).toEqual([1, 1, 1, 2, 2]);
		const first = stream(3, 1);
		const unfinished = first.subarray(0, (first.length / 3) * 2);
		expect(firstBytes(read(Buffer.concat([unfinished, stream(2, 2)])))).toEqual([0, 1, 0, 1]);
	});

	test('streams at the same time are refused', () => {
		const [sound, video] = [stream(3, 1), stream(3, 2)];
		const third = sound.length / 3;
		const grouped = Buffer.concat([
			sound.subarray(0, third),
			video.subarray(0, third),
			sound.subarray(third),
			video.subarray(third),
		]);
		const late = Buffer.concat([sound.subarray(0, 2 * third), video.subarray(third)]);
		for (const file of [grouped, late]) {
			expect(() => read(file)).toThrow(expect.objectContaining({ code: 'AUDIO_UNREADABLE' }));
		}
	});

	test('a packet without end is refused before it fills the memory', () => {
		const pages = Array.from({ length: 40 }, (_, sequence) =>
			page({
				flags: sequence === 0 ? 2 : 1,
				granule: -1n,
				sequence,
				lacing: Array.from({ length: 255 }, () => 255),
				body: filled(65_025, 1),
			}),
		);
		expect(() => read(Buffer.concat(pages))).toThrow('not audio');
	});

	test('a file full of false page headers ends soon', () => {
		const header = Buffer.alloc(HEADER_BYTES + 5, 0xff);
		header.write('OggS\0', 'latin1');
		const hostile = Buffer.concat(Array.from({ length: 300_000 }, () => header));
		const start = performance.now();
		expect(() => read(hostile)).toThrow('damaged');
		expect(performance.now() - start).toBeLessThan(20_000);
	});

	test('mutated files never make it hang or throw anything but CallError', () => {
		const good = stream(20, 7, 700);
		fc.assert(
			fc.property(
				fc.array(fc.tuple(fc.nat(good.length - 1), fc.nat(255)), { maxLength: 20 }),
				(changes) => {
					const bytes = Buffer.from(good);
					changes.forEach(([position, value]) => bytes.writeUInt8(value, position));
					try {
						expect(read(bytes).length).toBeLessThanOrEqual(20);
					} catch (error) {
						expect(error).toMatchObject({ name: 'CallError' });
					}
				},
			),
			{ numRuns: 500 },
		);
	});

	test.each([
		['libopus', 'opus'],
		['libvorbis', 'vorbis'],
	])('a file of ffmpeg with %s is read whole', (encoder, magic) => {
		const file = execFileSync(
			'ffmpeg',
			['-v', 'error', '-f', 'lavfi', '-i', 'sine=d=3', '-c:a', encoder, '-f', 'ogg', 'pipe:1'],
			{ maxBuffer: 1e7 },
		);
		const packets = read(file, { damage: 'refuse' });
		expect(
			Buffer.from(packets[0]?.packet ?? [])
				.toString('latin1')
				.toLowerCase(),
		).toContain(magic);
		expect(packets.length).toBeGreaterThan(100);
		expect(packets.at(-1)?.endOfStream).toBe(true);
	});
});

test('no bytes are no packets', () => {
	expect(read(new Uint8Array())).toEqual([]);
	expect(read(Buffer.from('plain text'))).toEqual([]);
});
