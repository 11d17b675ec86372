/** What the noise of a subframe depends on (MLow chapter 07, "Inputs per SF"). */
export interface NoiseInput {
	/** 80 samples: pulses and pitch part. */
	excitation: Float64Array;
	voiced: boolean;
	/** Unit pulses of the subframe. */
	pulses: number;
	/** Unvoiced: energy of the residual over the 80 samples. */
	residualEnergy: number;
	/** Unvoiced with pulses: what a unit pulse is multiplied by. */
	pulseGain: number;
	/** Interpolated LSF of the subframe, radians. */
	lsf: Float64Array;
	/** How dense the pulses of the internal frame are, 0 to 1: see `normalisedBitrate`. */
	bitrate: number;
}
