/** Complex numbers: their real and their imaginary parts, as many of each. */
export interface ComplexSignal {
	real: Float64Array;
	imaginary: Float64Array;
}

export function complexSignal(length: number): ComplexSignal {
	return { real: new Float64Array(length), imaginary: new Float64Array(length) };
}

/** A signal without imaginary parts. */
export function realSignal(samples: Float64Array): ComplexSignal {
	return { real: Float64Array.from(samples), imaginary: new Float64Array(samples.length) };
}

/** Discrete Fourier transform of any length; the argument stays as it is. */
export function transform(signal: ComplexSignal): ComplexSignal {
	const length = signal.real.length;
	if (Number.isInteger(Math.log2(length))) {
		const spectrum = { real: signal.real.slice(), imaginary: signal.imaginary.slice() };
		transformPowerOfTwo(spectrum);
		return spectrum;
	}
	return transformByChirp(signal);
}

/** The way back: `inverse(transform(x))` is x. */
export function inverse(spectrum: ComplexSignal): ComplexSignal {
	// The transform of the mirrored roles of real and imaginary parts is the inverse, mirrored.
	const mirrored = transform({ real: spectrum.imaginary, imaginary: spectrum.real });
	const scale = 1 / spectrum.real.length;
	return {
		real: mirrored.imaginary.map((value) => value * scale),
		imaginary: mirrored.real.map((value) => value * scale),
	};
}

/**
 * Squared magnitudes of the bins from 0 to half the sampling rate.
 *
 * @param samples cut off or followed by zeros up to `length`
 * @param length of the transform
 */
export function powerSpectrum(samples: Float64Array, length = samples.length): Float64Array {
	const padded = new Float64Array(length);
	padded.set(samples.subarray(0, length));
	const { real, imaginary } = transform(realSignal(padded));
	return Float64Array.from(
		{ length: Math.floor(length / 2) + 1 },
		(_, bin) => real[bin]! ** 2 + imaginary[bin]! ** 2,
	);
}

/** In place, by halves (Cooley and Tukey). */
function transformPowerOfTwo({ real, imaginary }: ComplexSignal): void {
	const length = real.length;
	sortByReversedBits(real);
	sortByReversedBits(imaginary);
	for (let size = 2; size <= length; size *= 2) {
		const half = size / 2;
		for (let k = 0; k < half; k++) {
			const angle = (-2 * Math.PI * k) / size;
			const cosine = Math.cos(angle);
			const sine = Math.sin(angle);
			for (let upper = k; upper < length; upper += size) {
				const lower = upper + half;
				const turnedReal = real[lower]! * cosine - imaginary[lower]! * sine;
				const turnedImaginary = real[lower]! * sine + imaginary[lower]! * cosine;
				real[lower] = real[upper]! - turnedReal;
				imaginary[lower] = imaginary[upper]! - turnedImaginary;
				real[upper]! += turnedReal;
				imaginary[upper]! += turnedImaginary;
			}
		}
	}
}

function sortByReversedBits(values: Float64Array): void {
	const { length } = values;
	let reversed = 0;
	for (let index = 1; index < length; index++) {
		let bit = length >> 1;
		for (; (reversed & bit) !== 0; bit >>= 1) {
			reversed ^= bit;
		}
		reversed |= bit;
		if (index < reversed) {
			const kept = values[index]!;
			values[index] = values[reversed]!;
			values[reversed] = kept;
		}
	}
}

/** Of any length, as a convolution with a chirp (Bluestein). */
function transformByChirp(signal: ComplexSignal): ComplexSignal {
	const length = signal.real.length;
	const padded = 2 ** Math.ceil(Math.log2(2 * length - 1));
	const chirp = complexSignal(length);
	for (let k = 0; k < length; k++) {
		// k^2 modulo one turn, which keeps the angle exact for long signals.
		const angle = (Math.PI * ((k * k) % (2 * length))) / length;
		chirp.real[k] = Math.cos(angle);
		chirp.imaginary[k] = Math.sin(angle);
	}
	const turned = complexSignal(padded);
	const response = complexSignal(padded);
	for (let k = 0; k < length; k++) {
		const [real, imaginary] = [signal.real[k]!, signal.imaginary[k]!];
		turned.real[k] = real * chirp.real[k]! + imaginary * chirp.imaginary[k]!;
		turned.imaginary[k] = imaginary * chirp.real[k]! - real * chirp.imaginary[k]!;
		for (const at of k === 0 ? [0] : [k, padded - k]) {
			response.real[at] = chirp.real[k]!;
			response.imaginary[at] = chirp.imaginary[k]!;
		}
	}
	const convolved = inverse(product(transform(turned), transform(response)));
	const spectrum = complexSignal(length);
	for (let k = 0; k < length; k++) {
		const [real, imaginary] = [convolved.real[k]!, convolved.imaginary[k]!];
		spectrum.real[k] = real * chirp.real[k]! + imaginary * chirp.imaginary[k]!;
		spectrum.imaginary[k] = imaginary * chirp.real[k]! - real * chirp.imaginary[k]!;
	}
	return spectrum;
}

/** Number by number. */
export function product(left: ComplexSignal, right: ComplexSignal): ComplexSignal {
	const result = complexSignal(left.real.length);
	for (let k = 0; k < left.real.length; k++) {
		const [a, b] = [left.real[k]!, left.imaginary[k]!];
		const [c, d] = [right.real[k]!, right.imaginary[k]!];
		result.real[k] = a * c - b * d;
		result.imaginary[k] = a * d + b * c;
	}
	return result;
}
