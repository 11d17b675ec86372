import { MlowDecoder, unwrapRedundancy } from '../../../engine/audio/mlow';
import { tone, type Phone, type PhoneScript } from '../../../simulator';
import { FRAME_SAMPLES, makeDecoder } from '../../../simulator/media/opus';
import { fromEscape } from '../../../simulator/media/opusPacket';
import { bytes, child } from '../../../simulator/wire/node';
import { listen } from '../support/caller';
import { eventually } from '../support/client';
import { quietBaileys } from '../support/quiet';
import { World } from '../support/world';
import { framesOf } from '../../engine/audioCall/support/mlowClips';
import { encode, loudness, MediaCaller, SILENCE } from './support/mediaCaller';

describe('a phone that answers', () => {
	let world: World;
	let caller: MediaCaller | undefined;

	beforeAll(async () => {
		quietBaileys();
		world = await World.start({ ringLimitSeconds: 10_000 });
	});

	afterEach(async () => {
		await caller?.close();
		caller = undefined;
		await world.check();
	});

	afterAll(async () => world.close());

	function addPhone(script: Partial<PhoneScript> = {}, devices = 1): Phone {
		return world.addPhone({ devices, script: { onCall: 'answer', afterSeconds: 5, ...script } });
	}

	async function call(phone: Phone, relays?: number, mlow?: boolean): Promise<MediaCaller> {
		return (caller = await MediaCaller.call(world, phone, relays, mlow));
	}

	async function answered(phone: Phone): Promise<void> {
		await eventually(() => phone.seen.calls.some(({ state }) => state === 'answered'));
	}

	function faults(): string[] {
		return world.network.takeFaults().map(({ detail }) => detail.replace(/^call \w+: /, ''));
	}

	async function decode(packets: Buffer[]): Promise<Int16Array> {
		const decoder = await makeDecoder();
		const parts = packets.map((packet) =>
			packet.equals(Buffer.from([0x90]))
				? new Int16Array(FRAME_SAMPLES)
				: decoder.decode(fromEscape(packet) ?? packet),
		);
		decoder.free();
		return Int16Array.from(parts.flatMap((part) => [...part]));
	}

	it('hears exactly what the caller sends after the accept, and hangs up', async () => {
		const phone = addPhone({ device: 3, afterSeconds: 20, hangUpAfterSeconds: 60 }, 2);
		const heard = listen(world.client);
		const caller = await call(phone);
		await caller.talk([SILENCE, SILENCE]);
		await answered(phone);
		await caller.hangUp(phone.lid, 'accepted_elsewhere');
		const packets = await encode(tone(440, 0.6));
		await caller.talk(packets);
		caller.sendReport();
		await eventually(() => heard.calls.some((one) => child(one, 'terminate')));
		const media = phone.mediaOf(1);
		expect(media.packets.map(({ payload }) => payload)).toEqual(packets);
		expect(media.packets.map(({ sequence }) => sequence)).toEqual(packets.map((_, at) => at + 3));
		expect(await media.heard()).toEqual(await decode(packets));
		expect(loudness(await media.heard())).toBeGreaterThan(5_000);
		expect(phone.seen.calls[1]?.media).toMatchObject({
			packets: 10,
			early: 2,
			lost: 0,
			refused: 0,
			reports: 1,
			heardMs: 600,
			codec: 'opus',
			gapsMs: [],
		});
		expect(phone.seen.calls[0]?.media).toMatchObject({ packets: 0, early: 2 });
		caller.send(SILENCE);
		await eventually(() => media.seen.afterEnd === 1);
	});

	it.each(['opus', 'escape'] as const)('speaks %s to the caller, and reports', async (codec) => {
		const phone = addPhone({ speaksCodec: codec, afterSeconds: 0 });
		const caller = await call(phone);
		await caller.talk([SILENCE]);
		await answered(phone);
		await phone.speak(tone(300, 0.5));
		await eventually(() => caller.hear(phone.lid).reports.length > 0);
		const { audio, reports } = caller.hear(phone.lid);
		expect(audio.every(({ kind }) => kind === 'packet')).toBe(true);
		const payloads = audio.flatMap((one) => (one.kind === 'packet' ? [one.payload] : []));
		expect(payloads[0]?.toString('hex')).toBe(codec === 'opus' ? '58' : '90');
		expect(loudness(await decode(payloads))).toBeGreaterThan(1_500);
		const markers = audio.filter((one) => one.kind === 'packet' && one.header.marker);
		expect(markers).toHaveLength(codec === 'opus' ? 0 : 1);
		expect(reports.every((report) => Buffer.isBuffer(report))).toBe(true);
		await caller.hangUp(phone.lid);
		await eventually(() => phone.seen.calls[0]?.state === 'ended');
		const { sent } = phone.mediaOf(0).seen;
		await new Promise((resolve) => setTimeout(resolve, 150));
		expect(phone.mediaOf(0).seen.sent).toBe(sent);
	});

	it('says a tone after the accept, and names MLow only when it is to', async () => {
		const phone = addPhone({ speakTone: { hz: 500, seconds: 0.3 }, capabilityMlow: false });
		const heard = listen(world.client);
		const caller = await call(phone);
		await caller.talk([SILENCE, SILENCE]);
		await answered(phone);
		await caller.talk([SILENCE, SILENCE, SILENCE, SILENCE, SILENCE]);
		const payloads = caller
			.hear(phone.lid)
			.audio.flatMap((one) => (one.kind === 'packet' ? [one.payload] : []));
		expect(payloads.filter(({ length }) => length > 15).length).toBeGreaterThan(2);
		const accept = await eventually(() =>
			heard.calls.map((one) => child(one, 'accept')).find((one) => one),
		);
		expect(bytes(child(accept, 'capability'))?.toString('hex')).toBe('0105f709e03b13');
		await caller.hangUp(phone.lid);
	});

	it('hears escaped packets, over two relays at once, and through loss', async () => {
		const phone = addPhone({ afterSeconds: 0 });
		const caller = await call(phone, 2);
		await answered(phone);
		const packets = await encode(tone(600, 0.36), 'escape');
		caller.send(Buffer.from([0x90]), 'escape');
		caller.send(packets[0] ?? SILENCE, 'escape', { marker: true });
		await caller.talk(packets.slice(1, 4), 'escape');
		caller.skip(1);
		await caller.talk(packets.slice(5), 'escape');
		const media = phone.mediaOf(0);
		await eventually(() => media.seen.packets === 1 + packets.length - 1);
		await eventually(() => media.seen.duplicates === packets.length);
		expect(media.seen).toMatchObject({ lost: 1, codec: 'escape', repeated: 0 });
		expect(await media.heard()).toHaveLength((packets.length + 1) * FRAME_SAMPLES);
		await caller.hangUp(phone.lid);
	});

	describe('with MLow', () => {
		const MLOW_SILENCE = Buffer.from([0x90]);
		const frames = framesOf('s1_male_clean').slice(20, 32);

		async function callAgreed(script: Partial<PhoneScript> = {}) {
			const phone = addPhone({ afterSeconds: 0, ...script });
			const caller = await call(phone, 1, true);
			await answered(phone);
			return { caller, phone, media: phone.mediaOf(0) };
		}

		/** What the caller got: RTP payloads, and their headers. */
		function heardBy(caller: MediaCaller, phone: Phone) {
			return caller.hear(phone.lid).audio.flatMap((one) => (one.kind === 'packet' ? [one] : []));
		}

		it('hears it, loss included', async () => {
			const { caller, phone, media } = await callAgreed();
			caller.send(MLOW_SILENCE, 'mlow');
			caller.send(frames[0] ?? SILENCE, 'mlow', { marker: true });
			await caller.talk(frames.slice(1, 5), 'mlow');
			caller.skip(1);
			await caller.talk(frames.slice(6), 'mlow');
			await eventually(() => media.seen.packets === frames.length);
			expect(media.seen).toMatchObject({ lost: 1, codec: 'mlow', unreadable: 0, silent: 1 });
			const decoder = new MlowDecoder();
			const lost = [MLOW_SILENCE, ...frames.slice(0, 5), undefined, ...frames.slice(6)];
			const expected = lost.flatMap((frame) =>
				Array.from(frame ? decoder.decode(frame) : decoder.conceal(), (sample) =>
					Math.max(-32_768, Math.min(32_767, Math.round(sample * 32_768))),
				),
			);
			expect(await media.heard()).toEqual(Int16Array.from(expected));
			expect(loudness(await media.heard())).toBeGreaterThan(300);
			await caller.hangUp(phone.lid);
		});

		it('does not read plain Opus, which was not agreed', async () => {
			const { caller, phone, media } = await callAgreed();
			caller.send((await encode(tone(440, 0.12)))[1] ?? SILENCE);
			await eventually(() => media.seen.unreadable === 1);
			expect(faults()).toEqual([expect.stringContaining('cannot be decoded')]);
			await caller.hangUp(phone.lid);
		});

		it('without it in its capability, reads plain Opus alone', async () => {
			const { caller, phone, media } = await callAgreed({ capabilityMlow: false });
			// Until the caller knows, its silence is that of MLow.
			caller.send(MLOW_SILENCE, 'mlow');
			caller.send(SILENCE);
			await eventually(() => media.seen.packets === 2);
			expect(faults()).toEqual([]);
			caller.send(MLOW_SILENCE, 'mlow');
			await eventually(() => media.seen.unreadable === 1);
			caller.send(frames[0] ?? SILENCE, 'mlow');
			await eventually(() => media.seen.unreadable === 2);
			expect(media.seen).toMatchObject({ packets: 2, codec: 'opus' });
			expect(loudness(await media.heard())).toBe(0);
			expect(faults()).toHaveLength(2);
			await eventually(() => heardBy(caller, phone).length > 0);
			const payloads = heardBy(caller, phone).map(({ payload }) => payload.toString('hex'));
			expect(new Set(payloads)).toEqual(new Set(['58']));
			await caller.hangUp(phone.lid);
		});

		it('speaks it by itself', async () => {
			const { caller, phone } = await callAgreed();
			await caller.talk([MLOW_SILENCE], 'mlow');
			await phone.speak(tone(300, 0.5));
			const sound = await eventually(() => {
				const speech = heardBy(caller, phone).filter(({ payload }) => payload[0] === 0x50);
				return speech.length >= 8 && speech;
			});
			expect(sound.filter(({ header }) => header.marker)).toHaveLength(1);
			const decoder = new MlowDecoder();
			const pcm = sound.flatMap(({ payload }) => Array.from(decoder.decode(payload)));
			expect(Math.max(...pcm)).toBeGreaterThan(0.2);
			await caller.hangUp(phone.lid);
		});

		it('sends the frames that it is given, with copies of those before', async () => {
			const { caller, phone } = await callAgreed({ redundancy: 2 });
			await caller.talk([MLOW_SILENCE], 'mlow');
			await phone.sendFrames(frames.slice(0, 4));
			const sound = await eventually(() => {
				const long = heardBy(caller, phone).filter(({ payload }) => payload.length > 1);
				return long.length >= 4 && long;
			});
			expect(sound.map(({ header }) => header.payloadType)).toEqual([121, 121, 121, 121]);
			expect(sound.map(({ payload }) => unwrapRedundancy(payload)?.main)).toEqual(
				frames.slice(0, 4),
			);
			const [, , third] = sound.map(({ payload }) => unwrapRedundancy(payload)?.redundant);
			expect(third).toEqual(frames.slice(0, 2));
			await caller.hangUp(phone.lid);
		});
	});

	it('answers and never sends anything, where its script says so', async () => {
		const phone = addPhone({ media: false, afterSeconds: 0 });
		const caller = await call(phone);
		await answered(phone);
		await caller.talk([SILENCE, SILENCE, SILENCE]);
		expect(caller.relays[0]?.media).toEqual([]);
		expect(phone.mediaOf(0).seen).toMatchObject({ packets: 3, silent: 3, sent: 0 });
		await expect(phone.speak(tone(1, 1))).rejects.toThrow('dumb');
		await caller.hangUp(phone.lid);
	});

	it('hears no silence before the accept: a fault', async () => {
		const phone = addPhone({ onCall: 'ignore' });
		const caller = await call(phone);
		await caller.talk((await encode(tone(440, 0.2))).slice(0, 3));
		await eventually(() => world.network.faults.list.length > 0);
		expect(faults()).toEqual(['there was audio before the accept']);
		expect(phone.mediaOf(0).seen).toMatchObject({ early: 3, packets: 0 });
		await caller.hangUp(phone.lid);
	});

	it('finds every packet that is not as it should be', async () => {
		const phone = addPhone({ afterSeconds: 0 });
		const caller = await call(phone);
		await answered(phone);
		const media = phone.mediaOf(0);
		const speech = (await encode(tone(440, 0.12)))[1] ?? SILENCE;
		const cases: [string, () => Buffer | void][] = [
			['SSRC', () => caller.send(SILENCE, 'opus', { ssrc: 7 })],
			['payload type', () => caller.send(SILENCE, 'opus', { payloadType: 111 })],
			['extension of a silent', () => caller.send(SILENCE, 'opus', { words: Buffer.alloc(0) })],
			['extension of a speech', () => caller.send(speech, 'opus', { words: Buffer.alloc(4) })],
			['marker', () => caller.send(speech, 'opus', { marker: true })],
			['timestamp', () => caller.send(SILENCE, 'opus', { drift: 20 })],
			['cannot be decoded', () => caller.send(Buffer.from('0000aabbccdd', 'hex'))],
			[
				'tag',
				() =>
					caller.relays[0]?.send(
						Buffer.concat([caller.send(SILENCE, 'opus', { relay: 9 }), SILENCE]),
					),
			],
		];
		for (const [about, send] of cases) {
			send();
			await eventually(() => world.network.faults.list.length > 0);
			expect(faults()[0]).toContain(about);
			caller.send(SILENCE);
			await new Promise((resolve) => setTimeout(resolve, 20));
			faults();
		}
		const packet = caller.send(SILENCE);
		caller.relays[0]?.send(packet);
		await eventually(() => media.seen.repeated === 1);
		expect(faults()).toEqual([expect.stringContaining('came twice')]);
		await caller.hangUp(phone.lid);
	});
});
