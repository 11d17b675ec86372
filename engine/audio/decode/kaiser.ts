/** Attenuation of the stop bands, dB. */
const STOP_BAND_DB = 90;
/** Kaiser's shape parameter for that attenuation (Oppenheim & Schafer, Discrete-Time Signal Processing, 7.75). */
const BETA = 0.1102 * (STOP_BAND_DB - 8.7);

/** Modified Bessel function of the first kind, order 0, by its power series. */
function besselI0(x: number): number {
	const quarter = (x * x) / 4;
	let sum = 1;
	let term = 1;
	for (let k = 1; term > sum * 1e-12; k++) {
		term *= quarter / (k * k);
		sum += term;
	}
	return sum;
}

/**
 * How far a windowed sinc must reach to each side of its centre (Oppenheim & Schafer, 7.76).
 *
 * @param transition width of the transition band, as a part of the sampling rate
 * @returns reach in samples
 */
export function kaiserReach(transition: number): number {
	return Math.ceil((STOP_BAND_DB - 7.95) / (14.36 * transition) / 2);
}

/**
 * An ideal low-pass filter cut off by a Kaiser window.
 *
 * @param cutoff middle of the transition band, as a part of the sampling rate (0 to 0.5)
 * @param reach in samples, where the window ends
 * @returns the impulse response as a function of the distance from the centre, in samples
 */
export function windowedSinc(cutoff: number, reach: number): (distance: number) => number {
	const scale = 1 / besselI0(BETA);
	return (distance) => {
		const position = distance / reach;
		if (position <= -1 || position >= 1) return 0;
		const angle = 2 * Math.PI * cutoff * distance;
		const sinc = angle === 0 ? 2 * cutoff : (2 * cutoff * Math.sin(angle)) / angle;
		return sinc * besselI0(BETA * Math.sqrt(1 - position * position)) * scale;
	};
}
