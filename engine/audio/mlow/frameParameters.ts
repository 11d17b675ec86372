/** Samples of a packet: 60 ms at 16 kHz. */
export const PACKET_SAMPLES = 960;
/** Internal frames (20 ms) of a packet. */
export const INTERNAL_FRAMES = 3;
/** Samples of an internal frame. */
export const INTERNAL_FRAME_SAMPLES = 320;
/** Subframes (5 ms) of an internal frame. */
export const SUBFRAMES = 4;
/** Samples of a subframe. */
export const SUBFRAME_SAMPLES = 80;
/** Lag blocks (2.5 ms) of an internal frame. */
export const LAG_BLOCKS = 8;
/** Order of the linear prediction, and number of line spectral frequencies. */
export const LPC_ORDER = 16;
/** Stands for "no pulse gain": the subframe has no pulses. */
export const NO_GAIN = -1;

/**
 * Everything that the range coder carries for one internal frame: what an encoder decides and a
 * decoder rebuilds the sound from. Objects are made once and filled again for each frame.
 */
export interface InternalFrame {
	voiced: boolean;
	/** LSF centroid, 0 to 15; 16 is the conditional one, only after a frame of the same kind. */
	lsfGrid: number;
	/** 16 stage-2 symbols, from 0 (level minus min_qi). */
	lsfSymbols: Uint8Array;
	/** LSF interpolation, 0 or 1. */
	lsfInterpolation: number;
	/** Signed number of unit pulses at each of the 320 samples. */
	pulses: Int16Array;
	/** For each subframe the index of the pulse gain, or NO_GAIN. */
	pulseGains: Int16Array;
	/** Voiced: for each subframe the index of the pitch gain, 0 to 15. */
	pitchGains: Uint8Array;
	/** Voiced: index of the lag contour, 0 to 216. */
	contour: number;
	/** Voiced: for each lag block 64 * range + fine; the lag is 32 + index / 2 samples. */
	lagIndices: Uint16Array;
	/** Unvoiced: level of the residual's energy, 0 to 83. */
	energyLevel: number;
	/** Unvoiced: shape of the residual's energy over the subframes, 0 to 97. */
	energyShape: number;
}

/** An internal frame of nothing: unvoiced, without pulses. */
export function emptyInternalFrame(): InternalFrame {
	return {
		voiced: false,
		lsfGrid: 0,
		lsfSymbols: new Uint8Array(LPC_ORDER),
		lsfInterpolation: 0,
		pulses: new Int16Array(INTERNAL_FRAME_SAMPLES),
		pulseGains: new Int16Array(SUBFRAMES).fill(NO_GAIN),
		pitchGains: new Uint8Array(SUBFRAMES),
		contour: 0,
		lagIndices: new Uint16Array(LAG_BLOCKS),
		energyLevel: 0,
		energyShape: 0,
	};
}
