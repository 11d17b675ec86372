import { MlowDecoder } from '../../../../../engine/audio/mlow';
import { Concealment } from '../../../../../engine/audio/mlow/decoder/concealment';
import { SIGNAL_HISTORY } from '../../../../../engine/audio/mlow/decoder/harmonicPostFilter';
import { decodePackets } from '../support/decodeClip';
import { energy, largestStep, signalToNoiseDb } from '../support/signals';
import { ORIGINAL_CLIP, SPEECH_CLIPS, readPackets } from '../support/vectorFiles';

const SILENCE_DESCRIPTOR = Uint8Array.of(0x90);
const PACKET = 960;
/** The clips go on at least so long without a pause. */
const LAST_SPEECH = 50;

const packetOf = (samples: Float32Array, index: number) =>
	samples.subarray(PACKET * index, PACKET * index + PACKET);

/** The clip up to a packet, so many losses in its place, and what follows. */
function withLoss(packets: Uint8Array[], at: number, losses: number): Float32Array {
	const stream: Array<Uint8Array | null> = packets.slice(0, at + losses + 3);
	return decodePackets(stream.fill(null, at, at + losses));
}

describe('lost packets', () => {
	test('wherever one is lost, what fills its place is not louder than the packet before', () => {
		for (const clip of ['s1_male_clean', 's2_female_noise']) {
			const packets = readPackets(clip);
			for (let at = 1; at < packets.length - 3; at += 2) {
				const samples = withLoss(packets, at, 1);
				const before = energy(packetOf(samples, at - 1));
				expect(energy(packetOf(samples, at))).toBeLessThanOrEqual(before);
			}
		}
	});

	test('there is no click: no step is larger than those of the speech around', () => {
		for (const clip of ['s1_male_clean', ORIGINAL_CLIP]) {
			const packets = readPackets(clip);
			for (let at = 2; at < LAST_SPEECH; at += 3) {
				const samples = withLoss(packets, at, 2);
				const whole = decodePackets(packets.slice(0, at + 4));
				const around = samples.subarray(PACKET * (at - 1), PACKET * (at + 3));
				const usual = largestStep(whole.subarray(PACKET * (at - 2), PACKET * (at + 4)));
				expect(largestStep(around)).toBeLessThanOrEqual(1.1 * usual);
			}
		}
	});

	test('a voice that began in a lost packet is not built on the noise before it', () => {
		// Packet 71 is a loud fricative, 72 the begin of a vowel.
		const packets = readPackets('s1_male_clean');
		const lossy = packetOf(withLoss(packets, 72, 1), 73);
		const whole = packetOf(decodePackets(packets.slice(0, 74)), 73);
		expect(Math.max(...lossy)).toBeLessThan(0.9);
		expect(energy(lossy)).toBeLessThan(2 * energy(whole));
	});

	test('the repetition begins without a step, even with a lag that does not fit', () => {
		const signal = new Float64Array(SIGNAL_HISTORY + PACKET);
		for (let n = 0; n < SIGNAL_HISTORY; n++) {
			signal[n] = Math.sin((2 * Math.PI * (n - SIGNAL_HISTORY)) / 117);
		}
		const usual = largestStep(signal.subarray(0, SIGNAL_HISTORY));
		new Concealment().fill(signal, 90, energy(signal));
		const begin = signal.subarray(SIGNAL_HISTORY - 48, SIGNAL_HISTORY + 48);
		expect(largestStep(begin)).toBeLessThan(2 * usual);
	});

	test('a voice goes on: the begin of what fills its place is like what was lost', () => {
		const packets = readPackets(ORIGINAL_CLIP);
		const whole = decodePackets(packets);
		const likeness = [...packets.keys()].slice(4, LAST_SPEECH).map((at) => {
			// Behind the 48 samples that the decoder still had of the packet before.
			const lost = packetOf(withLoss(packets, at, 1), at).subarray(48, 368);
			const original = packetOf(whole, at).subarray(48, 368);
			let product = 0;
			for (let n = 0; n < 320; n++) product += (lost[n] ?? 0) * (original[n] ?? 0);
			return product / Math.sqrt(energy(lost) * energy(original) + 1e-12);
		});
		const alike = likeness.filter((value) => value > 0.8);
		expect(alike.length).toBeGreaterThan(likeness.length / 2);
	});

	test('one after the other fades, until there is silence', () => {
		const packets = readPackets('s1_male_clean').slice(0, 21);
		const samples = decodePackets([...packets, null, null, null, null, null, null]);
		const energies = [20, 21, 22, 23, 24, 25].map((index) => energy(packetOf(samples, index)));
		for (let index = 1; index < 5; index++) {
			expect(energies[index]).toBeLessThan(energies[index - 1] ?? 0);
		}
		expect(energies[1]).toBeGreaterThan(0);
		expect(energies[5]).toBe(0);
	});

	test('100 ms after a loss the stream is what it would have been', () => {
		let noise = 0;
		let signal = 0;
		for (const clip of SPEECH_CLIPS) {
			const packets = readPackets(clip);
			const whole = decodePackets(packets);
			for (let at = 2; at < packets.length - 4; at += 4) {
				const after = packetOf(withLoss(packets, at, 1), at + 3);
				const expected = packetOf(whole, at + 3);
				signal += energy(expected);
				noise += energy(after.map((sample, n) => sample - (expected[n] ?? 0)));
			}
		}
		expect(10 * Math.log10(signal / noise)).toBeGreaterThan(12);
	});

	test('before anything was heard there is silence', () => {
		const decoder = new MlowDecoder();
		for (let packet = 0; packet < 3; packet++) {
			expect(energy(decoder.conceal())).toBe(0);
		}
		const packets = readPackets('s1_male_clean');
		const late = decodePackets(packets, decoder).subarray(80);
		// Only the fade over the first 80 samples differs.
		expect(signalToNoiseDb(late, decodePackets(packets).subarray(80))).toBeGreaterThan(30);
	});

	test('losses are not counted as malformed', () => {
		const decoder = new MlowDecoder();
		decoder.conceal();
		expect(decoder.malformedFrames).toBe(0);
	});
});

describe('silence', () => {
	test('a silence descriptor is 960 zeros and is not counted', () => {
		const decoder = new MlowDecoder();
		decodePackets(readPackets('s1_male_clean').slice(0, 20), decoder);
		const silence = decoder.decode(SILENCE_DESCRIPTOR);
		expect(silence).toHaveLength(PACKET);
		expect(energy(silence)).toBe(0);
		expect(decoder.malformedFrames).toBe(0);
	});

	test('what follows silence begins without a click and without remains of what was before', () => {
		const packets = readPackets('s1_male_clean');
		for (let at = 10; at < LAST_SPEECH; at += 5) {
			const stream = [...packets.slice(0, at), SILENCE_DESCRIPTOR, ...packets.slice(at, at + 4)];
			const samples = decodePackets(stream);
			const resumed = packetOf(samples, at + 1);
			expect(energy(resumed, 0, 40)).toBe(0);
			const usual = largestStep(decodePackets(packets.slice(0, at + 4)).subarray(PACKET * at));
			const after = samples.subarray(PACKET * at);
			expect(largestStep(after)).toBeLessThanOrEqual(1.1 * usual);
		}
	});

	test('a loss after silence stays silent', () => {
		const decoder = new MlowDecoder();
		decodePackets(readPackets('s1_male_clean').slice(0, 20), decoder);
		decoder.decode(SILENCE_DESCRIPTOR);
		expect(energy(decoder.conceal())).toBe(0);
	});
});
