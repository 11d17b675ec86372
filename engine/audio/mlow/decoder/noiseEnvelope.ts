const FLOOR = 1e-8;

/** Follows the level of the excitation over pairs of samples (MLow chapter 07, "Envelope"). */
export class NoiseEnvelope {
	/** The level at the end of the last subframe (envS). */
	level = 0;

	/**
	 * @param coefficient 0 to 1: how slowly the level moves
	 * @param envelope receives a level for each sample of the excitation
	 */
	follow(excitation: Float64Array, coefficient: number, envelope: Float64Array): void {
		const kept = coefficient * coefficient;
		let power = (this.level + FLOOR) ** 2;
		let level = this.level;
		for (let n = 0; n < excitation.length; n += 2) {
			const first = excitation[n]!;
			const second = excitation[n + 1]!;
			power = (1 - kept) * (first * first + second * second) + kept * power;
			level = Math.sqrt(power);
			envelope[n] = level;
			envelope[n + 1] = level;
		}
		this.level = level;
	}

	/** As `follow` where there is no excitation: the level falls by the coefficient. */
	fall(coefficient: number, envelope: Float64Array): void {
		let level = this.level + FLOOR;
		for (let n = 0; n < envelope.length; n += 2) {
			level *= coefficient;
			envelope[n] = level;
			envelope[n + 1] = level;
		}
		this.level = level;
	}
}
