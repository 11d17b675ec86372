const STEPS = 2;
const SMALLEST_DETERMINANT = 1e-4;

/**
 * Finds a minimum-phase filter of three taps with a given autocorrelation, by two Gauss-Newton steps
 * (MLow chapter 07, "3-tap factorisation").
 *
 * @param autocorrelation g0, g1, g2
 * @param taps receives three taps
 */
export function minimumPhase(autocorrelation: Float64Array, taps: Float64Array): void {
	const g0 = autocorrelation[0]! + 1e-30;
	const g1 = autocorrelation[1]! / g0;
	const g2 = autocorrelation[2]! / g0;
	let r2 = g2;
	let r1 = g1 / (1 + r2);
	for (let step = 0; step < STEPS; step++) {
		const v0 = 1 + r1 * r1 + r2 * r2;
		const v1 = r1 + r1 * r2;
		const a0 = (-2 * r1) / v0;
		const a1 = (-2 * r2) / v0;
		const error1 = v0 * g1 - v1;
		const error2 = v0 * g2 - r2;
		// Rows of the Jacobian.
		const j00 = 2 * r1 + v0 * a0;
		const j01 = 2 * r2 + v0 * a1;
		const j10 = 1 + r2 + v1 * a0;
		const j11 = r1 + v1 * a1;
		const j20 = r2 * a0;
		const j21 = 1 + r2 * a1;
		const m00 = j00 * j00 + j10 * j10 + j20 * j20;
		const m01 = j00 * j01 + j10 * j11 + j20 * j21;
		const m11 = j01 * j01 + j11 * j11 + j21 * j21;
		const determinant = m00 * m11 - m01 * m01;
		// Written so that a determinant that is no number ends it too.
		if (!(determinant >= SMALLEST_DETERMINANT)) break;
		const b0 = j10 * error1 + j20 * error2;
		const b1 = j11 * error1 + j21 * error2;
		r1 += (m11 * b0 - m01 * b1) / determinant;
		r2 += (m00 * b1 - m01 * b0) / determinant;
	}
	const gain = Math.sqrt(g0 / (1 + r1 * r1 + r2 * r2));
	taps[0] = gain;
	taps[1] = r1 * gain;
	taps[2] = r2 * gain;
}
