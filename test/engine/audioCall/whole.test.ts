import type { Phone } from '../../../engine';
import { createEscapeCodec } from '../../../engine/audio/codec/escape';
import { createMlowCodec } from '../../../engine/audio/codec/mlow';
import { createOpusCodec } from '../../../engine/audio/codec/opus';
import { loadOpusLibrary } from '../../../engine/audio/codec/opusLibrary';
import type { CallCodecName } from '../../../engine/media/messages';
import { clip, wavOf } from '../audio/support';
import type { Home } from '../phone/support/home';
import {
	answered,
	audioCall,
	HUM,
	inOrder,
	isSilence,
	likeness,
	reportOf,
	roundsOf,
	streamMs,
	soundOf,
	speech,
	startStudio,
	workshop,
	check,
} from './support/studio';

/** Silence behind the last word: 400 ms of it are meant, in packets of 60 ms. */
const TAIL_PACKETS = 6;

describe('an audio call', () => {
	let home: Home;
	let phone: Phone;

	beforeAll(async () => {
		home = await startStudio();
		phone = await home.linked();
	});
	afterEach(async () => check(home));
	afterAll(async () => {
		await home.close();
		await workshop.close();
	});

	it('that nobody answers rings for its time, and plays nothing', async () => {
		const person = home.person();
		const report = await reportOf(phone, person, { ringSeconds: 1 });
		expect(report).toMatchObject({
			outcome: 'noAnswer',
			rang: true,
			endedBy: 'us',
			audioSeconds: 0.3,
		});
		expect(report.ringSeconds).toBeGreaterThanOrEqual(1);
		for (const field of ['answeredAt', 'heard', 'playedSeconds', 'recipientCodec']) {
			expect(report).not.toHaveProperty(field);
		}
		const [call] = person.seen.calls;
		expect(call).toMatchObject({ missed: true, media: { packets: 0 } });
	});

	it.each(['mlow', 'opus', 'escape'] as const)(
		'in %s is heard from the first sample to the last',
		async (codec) => {
			const bytes = wavOf(await speech(1.5));
			const { frames, pcm } = await workshop.prepareCall({ bytes }, codec);
			const person = home.person({ onCall: 'answer', afterSeconds: 10, hears: codec });
			expect(await reportOf(phone, person, { audio: { bytes }, codec })).toMatchObject({
				success: true,
				message: 'Answered.',
				number: person.id,
				outcome: 'answered',
				endedBy: 'us',
				rang: true,
				heard: true,
				audioSeconds: 1.5,
				playedSeconds: 1.5,
				codecSent: codec,
				recipientCodec: codec === 'mlow' ? 'mlow' : 'opus',
			});
			const { call, media, seen } = await answered(person);
			await media.settled();
			expect(call).toMatchObject({ state: 'ended', endedBy: 'caller', terminateReason: null });
			expect(seen).toMatchObject({ codec, lost: 0, repeated: 0, unreadable: 0 });
			// Silence, while it rang: the simulator complains of sound.
			expect(seen.early).toBeGreaterThan(0);
			const payloads = inOrder(media.packets).map(({ payload }) => payload);
			const sent = frames.map(({ payload }) => Buffer.from(payload));
			const start = findRun(payloads, sent);
			const around = [...payloads.slice(0, start), ...payloads.slice(start + sent.length)];
			expect(around.filter((payload) => !isSilence({ payload }))).toEqual([]);
			expect(payloads.length - start - sent.length).toBeGreaterThanOrEqual(TAIL_PACKETS);
			const heard = await media.heard();
			expect(Buffer.from(heard.buffer)).toEqual(await decode(payloads, codec));
			expect(likeness(pcm, heard)).toBeGreaterThanOrEqual(codec === 'mlow' ? 0.85 : 0.9);
			const { fromMs } = soundOf(media.packets);
			expect(fromMs).toBeGreaterThanOrEqual(380);
			expect(fromMs).toBeLessThan(5_000);
		},
	);

	it('plays a tone to its end, although it is no speech', async () => {
		const person = home.person({ onCall: 'answer' });
		await reportOf(phone, person, { audio: { bytes: HUM } });
		const { media } = await answered(person);
		const { pcm } = await workshop.prepareCall({ bytes: HUM }, 'mlow');
		expect(likeness(pcm, await media.heard())).toBeGreaterThanOrEqual(0.9);
	});

	it('is answered on the second of three devices, and stops on the others', async () => {
		const person = home.person({ onCall: 'answer', afterSeconds: 3, device: 3 }, { devices: 3 });
		expect(await reportOf(phone, person)).toMatchObject({ outcome: 'answered', heard: true });
		const { media } = await answered(person);
		expect(media.packets.filter((packet) => !isSilence(packet))).toHaveLength(5);
		expect(person.seen.calls).toMatchObject([
			{ terminateReason: 'accepted_elsewhere', missed: false, media: { packets: 0, sent: 0 } },
			{ device: 3, terminateReason: null, media: { lost: 0 } },
			{ terminateReason: 'accepted_elsewhere', missed: false, media: { packets: 0, sent: 0 } },
		]);
	});

	it('plays several rounds with pauses between them, and stays on the line', async () => {
		const person = home.person({ onCall: 'answer' });
		const repeat = { repeat: 3, pauseBetweenRepeatsMs: 300, stayMs: 600 };
		expect(await reportOf(phone, person, repeat)).toMatchObject({
			outcome: 'answered',
			audioSeconds: 0.3,
			playedSeconds: 0.9,
		});
		const { media } = await answered(person);
		const rounds = roundsOf(media.packets, 150);
		expect(rounds).toHaveLength(3);
		// Five frames each; from the last one of a round to the first of the next one: a frame more. A
		// machine that stands still for a moment leaves frames out.
		for (const [at, { fromMs, toMs }] of rounds.entries()) {
			const pause = fromMs - (rounds[at - 1]?.toMs ?? fromMs - 360);
			expect(toMs - fromMs).toBeGreaterThanOrEqual(240);
			expect(toMs - fromMs).toBeLessThan(700);
			expect(pause).toBeGreaterThanOrEqual(360);
			expect(pause).toBeLessThan(900);
		}
		const end = Math.max(...media.packets.map(streamMs));
		const stayed = end - (rounds.at(-1)?.toMs ?? 0);
		expect(stayed).toBeGreaterThan(950);
		expect(stayed).toBeLessThan(2_000);
	});

	it('plays everything to somebody whose phone never sends anything', async () => {
		const person = home.person({ onCall: 'answer', media: false });
		const report = await reportOf(phone, person);
		expect(report).toMatchObject({ outcome: 'answered', heard: false, playedSeconds: 0.3 });
		expect(report).not.toHaveProperty('recipientCodec');
		const { seen } = await answered(person);
		expect(seen.lost).toBe(0);
	});

	it('is not heard by a phone that has another key', async () => {
		const person = home.person({ onCall: 'answer', wrongKey: true });
		expect(await reportOf(phone, person)).toMatchObject({ outcome: 'answered', heard: false });
		const { seen } = await answered(person);
		expect(seen.packets).toBe(0);
		expect(seen.refused).toBeGreaterThan(10);
		const faults = home.network.takeFaults().map(({ kind }) => kind);
		expect(new Set(faults)).toEqual(new Set(['media']));
	});

	it('speaks with tags of another length where the server wants them', async () => {
		home.network.settings.warpTagBytes = 10;
		const person = home.person({ onCall: 'answer' });
		expect(await reportOf(phone, person)).toMatchObject({ outcome: 'answered', heard: true });
		home.network.settings.warpTagBytes = 4;
		expect((await answered(person)).seen).toMatchObject({ refused: 0, lost: 0 });
	});

	it('is understood where stanzas name the device that answers beside its account', async () => {
		home.network.settings.senderIn = 'participant';
		const person = home.person({ onCall: 'answer', device: 3 }, { devices: 2 });
		expect(await reportOf(phone, person)).toMatchObject({ outcome: 'answered', heard: true });
		home.network.settings.senderIn = 'from';
	});

	it.each([
		['declines', { onCall: 'decline' as const, afterSeconds: 1 }, 'declined'],
		['is busy', { busyDevices: [0] }, 'busy'],
	])('to somebody who %s plays nothing', async (_what, script, outcome) => {
		const report = await reportOf(phone, home.person(script));
		expect(report).toMatchObject({ outcome, endedBy: 'recipient', audioSeconds: 0.3 });
		expect(report).not.toHaveProperty('playedSeconds');
	});

	it.each([
		['is no audio', Buffer.from('<html>nothing to hear</html>'), 'AUDIO_UNREADABLE'],
		['is cut off', clip('alert.m4a').subarray(0, 600), 'AUDIO_UNREADABLE'],
		['holds silence only', wavOf(new Int16Array(16_000)), 'AUDIO_UNREADABLE'],
	])('with a recording that %s rings nowhere', async (_what, bytes, code) => {
		const person = home.person({ onCall: 'answer' });
		await expect(audioCall(phone, person, { audio: { bytes } })).rejects.toMatchObject({ code });
		expect(person.seen.calls).toEqual([]);
	});

	it('with a recording that is too long rings nowhere', async () => {
		const person = home.person({ onCall: 'answer' });
		const request = { audio: { bytes: HUM }, conversion: { maximumSeconds: 0.5 } };
		await expect(audioCall(phone, person, request)).rejects.toMatchObject({
			code: 'AUDIO_TOO_LONG',
		});
		expect(person.seen.calls).toEqual([]);
	});
});

/** Where these packets are in what was heard. */
function findRun(heard: readonly Buffer[], sent: readonly Buffer[]): number {
	const start = heard.findIndex((_payload, at) =>
		sent.every((payload, index) => heard[at + index]?.equals(payload)),
	);
	expect(start).toBeGreaterThanOrEqual(0);
	return start;
}

/** As bytes of its samples, by the engine's own decoder. */
async function decode(payloads: readonly Buffer[], codec: CallCodecName): Promise<Buffer> {
	const library = await loadOpusLibrary();
	const codecs = [createMlowCodec(), createOpusCodec(library), createEscapeCodec(library)];
	const decoder = codecs.find(({ name }) => name === codec)?.createDecoder();
	if (decoder === undefined) {
		throw new Error('no such codec');
	}
	const parts = payloads.map((payload) => Buffer.from(decoder.decode(payload).slice().buffer));
	decoder.close();
	return Buffer.concat(parts);
}
