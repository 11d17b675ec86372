import { inverse, product, realSignal, transform } from './quality/fourier';

const RATE_HZ = 16_000;
/** Within this time an echo falls by 60 dB: a furnished room. */
const REVERBERATION_SECONDS = 0.25;
/** Energy of all echoes together, against the voice itself: close to the microphone. */
const ECHO_RATIO = 10 ** (-14 / 10);
/** The first wall, in samples. */
const FIRST_ECHO = 48;
/** What a quiet room hums, as 16-bit samples. */
const NOISE_AMPLITUDE = 12;
/** Left free, so that echoes never clip. */
const HEADROOM = 0.8;

/**
 * Speech as a microphone takes it up in a room: with echoes and a little noise.
 *
 * @param speech mono, 16 kHz
 * @param seed of the room: the same one sounds the same
 */
export function inRoom(speech: Int16Array, seed: number): Int16Array {
	const random = randomSource(seed);
	const heard = convolved(Float64Array.from(speech), roomResponse(random));
	return speech.map((_, index) =>
		Math.round(heard[index]! * HEADROOM + NOISE_AMPLITUDE * random()),
	);
}

/** Noise that dies away, after the voice itself. */
function roomResponse(random: () => number): Float64Array {
	const length = Math.round(REVERBERATION_SECONDS * RATE_HZ);
	const response = Float64Array.from({ length }, (_, index) =>
		index < FIRST_ECHO ? 0 : random() * 10 ** ((-3 * index) / length),
	);
	const energy = response.reduce((sum, value) => sum + value * value, 0);
	const scale = Math.sqrt(ECHO_RATIO / energy);
	const scaled = response.map((value) => value * scale);
	scaled[0] = 1;
	return scaled;
}

function convolved(left: Float64Array, right: Float64Array): Float64Array {
	const length = 2 ** Math.ceil(Math.log2(left.length + right.length));
	const [first, second] = [new Float64Array(length), new Float64Array(length)];
	first.set(left);
	second.set(right);
	return inverse(product(transform(realSignal(first)), transform(realSignal(second)))).real;
}

/** -1 to 1, the same numbers for the same seed. */
function randomSource(seed: number): () => number {
	let state = seed;
	return () => {
		state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
		return state / 0x40000000 - 1;
	};
}
