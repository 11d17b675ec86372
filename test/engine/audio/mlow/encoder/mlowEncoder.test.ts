import { MlowEncoder } from '../../../../../engine/audio/mlow/encoder/mlowEncoder';
import { readPacket } from '../../../../../engine/audio/mlow/readPacket';
import { clip, packetsOf, referencePayloads, vectorJson } from './traceVectors';

const SPEECH = ['s1_male_clean', 's2_female_noise', 's3_pt_quiet'];
const SILENCE = [0x90];

function encodeAll(packets: Float32Array[], encoder = new MlowEncoder()): string[] {
	return packets.map((packet) => Buffer.from(encoder.encode(packet)).toString('hex'));
}

function bytesOf(hex: string): Uint8Array {
	return Buffer.from(hex, 'hex');
}

describe.each(SPEECH)('%s', (name) => {
	const packets = packetsOf(clip(name));
	const payloads = encodeAll(packets).map(bytesOf);
	const reference = referencePayloads(name);

	it('takes as many bytes as with the reference', () => {
		const total = (list: Uint8Array[]) => list.reduce((sum, { length }) => sum + length, 0);
		expect(Math.abs(total(payloads) / total(reference) - 1)).toBeLessThan(0.03);
	});

	/** Our internal frames beside those of the reference. */
	const pairs = payloads.flatMap((payload, packet) => {
		const theirs = readPacket(reference[packet]!)!;
		return readPacket(payload)!.map((ours, index) => ({ ours, theirs: theirs[index]! }));
	});
	const share = (list: typeof pairs, agrees: (pair: (typeof pairs)[0]) => boolean) =>
		list.filter(agrees).length / list.length;

	it('has voices where the reference hears them, with the same lags', () => {
		expect(share(pairs, ({ ours, theirs }) => ours.voiced === theirs.voiced)).toBeGreaterThan(0.98);
		const voiced = pairs.filter(({ ours, theirs }) => ours.voiced && theirs.voiced);
		expect(voiced.length / pairs.length).toBeGreaterThan(0.2);
		expect(voiced.length / pairs.length).toBeLessThan(0.8);
		const sameLags = share(
			voiced,
			({ ours, theirs }) =>
				ours.contour === theirs.contour && ours.lagIndices.join() === theirs.lagIndices.join(),
		);
		expect(sameLags).toBeGreaterThan(0.97);
	});

	it('interpolates spectra where the reference does, and finds the same energies', () => {
		const unvoiced = pairs.filter(({ ours, theirs }) => !ours.voiced && !theirs.voiced);
		const interpolated = unvoiced.filter(({ theirs }) => theirs.lsfInterpolation === 1);
		expect(interpolated.length).toBeGreaterThan(10);
		expect(share(interpolated, ({ ours }) => ours.lsfInterpolation === 1)).toBeGreaterThan(0.9);
		expect(
			share(unvoiced, ({ ours, theirs }) => ours.lsfInterpolation === theirs.lsfInterpolation),
		).toBeGreaterThan(0.95);
		const sameEnergy = share(
			unvoiced,
			({ ours, theirs }) =>
				ours.energyLevel === theirs.energyLevel && ours.energyShape === theirs.energyShape,
		);
		expect(sameEnergy).toBeGreaterThan(0.95);
	});
});

it('makes the same bytes again after a reset', () => {
	const packets = packetsOf(clip('s1_male_clean')).slice(0, 30);
	const encoder = new MlowEncoder();
	const first = encodeAll(packets, encoder);
	encoder.reset();
	expect(encodeAll(packets, encoder)).toEqual(first);
	// What was before makes a difference, which a reset has to take away.
	expect(encodeAll(packets, encoder)).not.toEqual(first);
});

it('hands out payloads that later packets do not change', () => {
	const encoder = new MlowEncoder();
	const [first, second] = packetsOf(clip('s1_male_clean')).slice(5, 7) as [
		Float32Array,
		Float32Array,
	];
	const payload = encoder.encode(first);
	const copy = payload.slice();
	encoder.encode(second);
	expect(payload).toEqual(copy);
});

it('takes fewer bytes at a lower bit rate, and more at a higher one', () => {
	const packets = packetsOf(clip('s1_male_clean'));
	const [low, middle, high] = [10_000, 20_000, 28_000].map(
		(bitsPerSecond) => encodeAll(packets, new MlowEncoder({ bitsPerSecond })).join('').length,
	) as [number, number, number];
	expect(low).toBeLessThan(0.8 * middle);
	expect(high).toBeGreaterThan(1.2 * middle);
});

it.each([4_999, 30_001, NaN])('has no bit rate of %d', (bitsPerSecond) => {
	expect(() => new MlowEncoder({ bitsPerSecond })).toThrow(RangeError);
});

describe('digital silence', () => {
	const zeros = new Float32Array(960);
	const speech = packetsOf(clip('s1_male_clean')).slice(0, 20);

	it('is one byte from the start', () => {
		const encoder = new MlowEncoder();
		for (let packet = 0; packet < 5; packet++) expect([...encoder.encode(zeros)]).toEqual(SILENCE);
	});

	it('after speech lets the end of the speech out first', () => {
		const encoder = new MlowEncoder();
		encodeAll(speech, encoder);
		const loud = new Float32Array(960).map((_, n) => 0.5 * Math.sin(n / 5));
		encoder.encode(loud);
		const first = encoder.encode(zeros);
		expect(first[0]).toBe(0x50);
		expect([...encoder.encode(zeros)]).toEqual(SILENCE);
		expect([...encoder.encode(zeros)]).toEqual(SILENCE);
	});

	it('is over with the first sound', () => {
		const encoder = new MlowEncoder();
		encodeAll([...speech, zeros, zeros, zeros], encoder);
		const payloads = encodeAll(speech, encoder).map(bytesOf);
		const silent = speech.map((packet) => packet.every((sample) => sample === 0));
		payloads.forEach((payload, packet) => {
			if (!silent[packet]) expect(payload[0]).toBe(0x50);
		});
		expect(payloads.some((payload) => readPacket(payload)?.some(({ voiced }) => voiced))).toBe(
			true,
		);
	});

	it('is not what very quiet sound is', () => {
		const quiet = new Float32Array(960).map((_, n) => (n % 50 === 0 ? 1 : 0) / 32768);
		expect(new MlowEncoder().encode(quiet)[0]).toBe(0x50);
	});
});

describe('the short signals of the vectors', () => {
	const { cases } = vectorJson<{
		cases: { name: string; pcm: number[] | string; frames: string[] }[];
	}>('full_frames.json');

	it.each(cases.filter(({ pcm }) => Array.isArray(pcm)))(
		'$name is coded in kind and size like by the reference',
		({ pcm, frames }) => {
			const samples = Float32Array.from(pcm as number[], (sample) => sample / 32768);
			const payloads = encodeAll(packetsOf(samples));
			expect(payloads).toHaveLength(frames.length);
			payloads.forEach((payload, packet) => {
				const expected = readPacket(bytesOf(frames[packet]!))!;
				const actual = readPacket(bytesOf(payload))!;
				expect(actual.map(({ voiced }) => voiced)).toEqual(expected.map(({ voiced }) => voiced));
				expect(payload.length / frames[packet]!.length).toBeGreaterThan(0.7);
				expect(payload.length / frames[packet]!.length).toBeLessThan(1.3);
			});
		},
	);
});
