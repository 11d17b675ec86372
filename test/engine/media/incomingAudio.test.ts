import { IncomingAudio } from '../../../engine/media/incomingAudio';
import type { AudioRecorder, RecordedPacket } from '../../../engine/media/recorder';
import type { Unprotected } from '../../../engine/media/srtp';

class Recorder implements AudioRecorder {
	readonly packets: RecordedPacket[] = [];
	finished = 0;

	push(packet: RecordedPacket): void {
		this.packets.push(packet);
	}

	async finish() {
		this.finished += 1;
		return { ogg: Uint8Array.of(1), durationMs: this.packets.length * 60 };
	}
}

function packet(
	index: number,
	changes: Partial<Unprotected['header']> = {},
	first = 0x58,
): Unprotected {
	const header = {
		payloadType: 120,
		marker: false,
		sequence: index % 65_536,
		timestamp: (index * 960) % 2 ** 32,
		ssrc: 1,
		...changes,
	};
	return { header, index, payload: Buffer.alloc(40, first) };
}

describe('what the recipient says', () => {
	let recorder: Recorder;
	let audio: IncomingAudio;

	beforeEach(() => {
		recorder = new Recorder();
		audio = new IncomingAudio(false, recorder);
	});

	test('is recorded with numbers that never wrap, also out of order', async () => {
		const first = Math.floor(2 ** 32 / 960) - 3;
		const order = [0, 1, 3, 2, 4, 6, 5, 7, 8];
		order.forEach((step, at) => expect(audio.add(packet(first + step), at * 60)).toBe(true));
		await audio.finish();
		expect(recorder.packets.map(({ sequence }) => sequence - first)).toEqual(order);
		expect(recorder.packets.map(({ timestamp }) => timestamp / 960 - first)).toEqual(order);
		expect(recorder.packets[4]).toMatchObject({ codec: 'opus', arrivedAtMs: 240 });
		expect(recorder.finished).toBe(1);
	});

	test('Opus with a 48 kHz clock is recorded in samples of 16 kHz', async () => {
		for (const index of [0, 1, 2]) {
			audio.add(
				packet(index, { payloadType: 111, timestamp: (2 ** 32 - 2880 + index * 2880) % 2 ** 32 }),
				0,
			);
		}
		await audio.finish();
		const times = recorder.packets.map(({ timestamp }) => timestamp);
		expect(times.map((time) => time - (times[0] ?? 0))).toEqual([0, 960, 1920]);
	});

	test('packets wait until their codec is known', () => {
		for (let index = 0; index < 16; index++) {
			audio.add(packet(index, {}, 0x50), index * 60);
		}
		expect(recorder.packets).toHaveLength(0);
		for (let index = 16; index < 25; index++) {
			audio.add(packet(index, {}, 0x50), index * 60);
		}
		expect(recorder.packets).toHaveLength(25);
		expect(new Set(recorder.packets.map(({ codec }) => codec))).toEqual(new Set(['mlow']));
		expect(recorder.packets.map(({ sequence }) => sequence)).toEqual(
			Array.from({ length: 25 }, (_, index) => index),
		);
	});

	test('they do not wait for ever', async () => {
		for (let index = 0; index < 150; index++) {
			audio.add({ ...packet(index), payload: Buffer.from([0x58]) }, index * 60);
		}
		expect(recorder.packets.length).toBeGreaterThanOrEqual(100);
		await audio.finish();
		expect(recorder.packets).toHaveLength(150);
	});

	test('a second stream is not mixed in, and takes over when the first one is gone', async () => {
		audio.add(packet(100), 0);
		audio.add(packet(101), 60);
		audio.add(packet(5000, { ssrc: 2 }), 90);
		expect(audio.stats?.ssrc).toBe(1);
		audio.add(packet(5001, { ssrc: 2 }), 660);
		audio.add(packet(5002, { ssrc: 2 }), 720);
		await audio.finish();
		expect(recorder.packets.map(({ sequence }) => sequence)).toEqual([100, 101, 111, 112]);
		const times = recorder.packets.map(({ timestamp }) => timestamp / 960);
		expect(times).toEqual([100, 101, 111, 112]);
		expect(audio.stats?.ssrc).toBe(2);
	});

	test('video and data are neither recorded nor sound', async () => {
		expect(audio.add(packet(1, { payloadType: 97 }), 0)).toBe(false);
		await audio.finish();
		expect(recorder.packets).toHaveLength(0);
		expect(audio.codec).toBeUndefined();
	});

	test('of MLow with redundancy, the frame itself is recorded', () => {
		const speaking = new IncomingAudio(true, recorder);
		const red = (text: string): Unprotected => ({
			...packet(recorder.packets.length, { payloadType: 121 }),
			payload: Buffer.from(text, 'hex'),
		});
		expect(speaking.add(red('850300aabbcc50112233'), 0)).toBe(true);
		expect(speaking.add(red('0050aa'), 60)).toBe(true);
		// A copy that is longer than the packet, and nothing behind the headers.
		expect(speaking.add(red('85ff00aabbcc50112233'), 120)).toBe(true);
		expect(speaking.add(red('00'), 180)).toBe(true);
		const payloads = recorder.packets.map(({ payload }) => Buffer.from(payload).toString('hex'));
		expect(payloads).toEqual(['50112233', '50aa']);
		expect(speaking.codec).toBe('mlow');
	});

	test('a recorder that fails does not end the call', () => {
		recorder.push = () => {
			throw new Error('no');
		};
		for (let index = 0; index < 30; index++) {
			expect(audio.add(packet(index), 0)).toBe(true);
		}
	});

	test('without a recorder there is no recording', async () => {
		const deaf = new IncomingAudio(false);
		deaf.add(packet(1), 0);
		expect(await deaf.finish()).toBeUndefined();
		expect(deaf.codec).toBe('opus');
	});
});
