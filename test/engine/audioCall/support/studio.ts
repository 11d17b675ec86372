import { parseAddress, requireCallable } from '../../../../common/address';
import type { CallReport } from '../../../../common/report';
import { systemClock } from '../../../../common/clock';
import type { AudioCall, AudioCallResult, Phone } from '../../../../engine';
import {
	tone,
	type CallSeen,
	type HeardPacket,
	type MediaSeen,
	type Phone as PersonsPhone,
	type PhoneMedia,
	GOOD_CONDITIONS,
} from '../../../../simulator';
import { eventually } from '../../../simulator/support/client';
import { AudioEngine, clip, wavOf } from '../../audio/support';
import { Home, type FrontDoor, type HomeOptions } from '../../phone/support/home';

// The media thread of the engine needs JavaScript: `npm test` builds first.
// eslint-disable-next-line @typescript-eslint/no-require-imports -- see above
export const builtEngine = require('../../../../dist/engine') as FrontDoor;

const SAMPLE_RATE_HZ = 16_000;
const SAMPLES_PER_MS = SAMPLE_RATE_HZ / 1_000;
/** Of Opus and of MLow: what stands for 60 ms without sound. */
const SILENCE: readonly string[] = ['58', '90'];

/** By the simulator, of a clock that went on by several frames. */
const DROPPED_FRAMES = /the timestamp advances by (?!0 )\d+ from one packet to the next$/;

/** Three tenths of a second, for calls of which nobody listens to the sound. */
export const BLIP = wavOf(tone(440, 0.3));
/** A second and a half. */
export const HUM = wavOf(tone(300, 1.5));

/** Prepares recordings as the engine does, to compare with what phones hear. */
export const workshop = new AudioEngine();

/** So many seconds of the spoken clip, at 16 kHz. */
export async function speech(seconds: number): Promise<Int16Array> {
	const { pcm } = await workshop.prepareCall({ bytes: clip('alert.mp3') }, 'opus');
	return pcm.slice(0.3 * SAMPLE_RATE_HZ, (0.3 + seconds) * SAMPLE_RATE_HZ);
}

/** A home with the engine as it is built; a second of scripts is a tenth of a real one. */
export async function startStudio(options: HomeOptions = {}): Promise<Home> {
	const usual = { secondMs: 100, clock: systemClock, ringLimitSeconds: 1000 };
	return await Home.start({ ...usual, engine: builtEngine, ...options });
}

/** Calls, and plays a blip unless something else is asked for. */
export async function audioCall(
	phone: Phone,
	to: PersonsPhone,
	request: Partial<AudioCall> = {},
): Promise<AudioCallResult> {
	return await phone.audioCall({
		to: requireCallable(parseAddress(to.id)),
		audio: { bytes: BLIP },
		ringSeconds: 30,
		codec: 'mlow',
		pauseMilliseconds: 0,
		callsPerDay: 10_000,
		...request,
	});
}

/** The same, for its report. */
export async function reportOf(...parameters: Parameters<typeof audioCall>): Promise<CallReport> {
	return (await audioCall(...parameters)).report;
}

/** Waits until somebody's device has answered, and gives its end of the call. */
export async function answered(person: PersonsPhone): Promise<Answered> {
	return await eventually(() => {
		const at = person.seen.calls.findLastIndex(({ answeredAt }) => answeredAt !== undefined);
		const call = person.seen.calls[at];
		return call?.media && { call, seen: call.media, media: person.mediaOf(at) };
	});
}

export interface Answered {
	call: CallSeen;
	seen: MediaSeen;
	media: PhoneMedia;
}

/** Waits until the phone has heard so many packets that are no silence. */
export async function hears(person: PersonsPhone, packets = 1): Promise<void> {
	const { media } = await answered(person);
	await eventually(() => media.packets.filter((packet) => !isSilence(packet)).length >= packets);
}

export function isSilence({ payload }: Pick<HeardPacket, 'payload'>): boolean {
	return SILENCE.includes(payload.toString('hex'));
}

/** What was heard as payloads, in the order in which they were sent. */
export function inOrder(packets: readonly HeardPacket[]): HeardPacket[] {
	return [...packets].sort((a, b) => a.index - b.index);
}

/** When the phone heard the first and the last packet that is no silence, after its answer. */
export function soundOf(packets: readonly HeardPacket[]): { fromMs: number; toMs: number } {
	const sound = inOrder(packets).filter((packet) => !isSilence(packet));
	return { fromMs: sound[0]?.atMs ?? Infinity, toMs: sound.at(-1)?.atMs ?? -Infinity };
}

/** Where in the stream sound begins and ends that follows at least so much silence, in milliseconds. */
export function roundsOf(
	packets: readonly HeardPacket[],
	pauseMs: number,
): { fromMs: number; toMs: number }[] {
	const rounds: { fromMs: number; toMs: number }[] = [];
	for (const packet of inOrder(packets).filter((one) => !isSilence(one))) {
		const atMs = streamMs(packet);
		const last = rounds.at(-1);
		if (last === undefined || atMs - last.toMs > pauseMs) {
			rounds.push({ fromMs: atMs, toMs: atMs });
		} else {
			last.toMs = atMs;
		}
	}
	return rounds;
}

/** Where in the stream a packet is, by its timestamp: however late it came. */
export function streamMs({ timestamp }: HeardPacket): number {
	return timestamp / SAMPLES_PER_MS;
}

/** Correlation of what was heard with what was said, wherever in it that is. */
export function likeness(said: Int16Array, heard: Int16Array): number {
	return findIn(said, heard).value;
}

/** Where in what was heard something begins that was said, in samples, and the correlation there. */
export function findIn(said: Int16Array, heard: Int16Array): { at: number; value: number } {
	const step = 4;
	let coarse = { at: 0, value: -1 };
	const valueAt = (at: number, every: number): number => {
		let ab = 0;
		let aa = 0;
		let bb = 0;
		for (let index = 0; index < said.length; index += every) {
			const x = said[index] ?? 0;
			const y = heard[index + at] ?? 0;
			ab += x * y;
			aa += x * x;
			bb += y * y;
		}
		return bb === 0 ? 0 : ab / Math.sqrt(aa * bb);
	};
	for (let at = 0; at <= Math.max(0, heard.length - said.length / 2); at += step) {
		const value = valueAt(at, 11);
		coarse = value > coarse.value ? { at, value } : coarse;
	}
	let best = coarse;
	for (let at = coarse.at - 2 * step; at <= coarse.at + 2 * step; at += 1) {
		const value = valueAt(at, 1);
		best = at === coarse.at - 2 * step || value > best.value ? { at, value } : best;
	}
	return best;
}

/**
 * After each call: as `home.check`. A busy machine may hold up the media thread for so long that
 * frames are dropped, as they should be; that is no fault of these tests.
 */
export async function check(home: Home): Promise<void> {
	const kept = home.network.takeFaults().filter(({ detail }) => !DROPPED_FRAMES.test(detail));
	expect(kept).toEqual([]);
	await home.check();
}

/** After tests of bad networks. */
export function mendRelays({ network }: Home): void {
	network.relays.change(GOOD_CONDITIONS);
}
