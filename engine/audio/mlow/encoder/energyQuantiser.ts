import { type InternalFrame, SUBFRAMES } from '../frameParameters';
import { ENERGY_FLOOR } from '../gains';
import { mlowTables } from '../tables';

const Q14 = 16384;
const Q10 = 1024;

/** Level and shape of the residual's energy in an unvoiced internal frame (MLow chapter 05). */
export class EnergyQuantiser {
	private readonly minDb: number;
	private readonly stepDb: number;
	private readonly levels: number;
	/** [shape][subframe], dB. */
	private readonly shapes: Float64Array;
	private readonly decibels = new Float64Array(SUBFRAMES);

	constructor() {
		const { gains } = mlowTables();
		this.minDb = gains.energyLevelMinDb;
		this.stepDb = gains.energyLevelStepQ14 / Q14;
		this.levels = gains.energyLevelCdf.length - 1;
		this.shapes = Float64Array.from(gains.energyShapesQ10.flat(), (value) => value / Q10);
	}

	/**
	 * @param meanSquares of the residual, one for each subframe
	 * @param frame receives `energyLevel` and `energyShape`
	 */
	quantise(
		meanSquares: Float64Array,
		frame: Pick<InternalFrame, 'energyLevel' | 'energyShape'>,
	): void {
		const { decibels, shapes, minDb, stepDb } = this;
		let mean = 0;
		for (let subframe = 0; subframe < SUBFRAMES; subframe++) {
			decibels[subframe] = Math.min(10 * Math.log10(meanSquares[subframe]! + ENERGY_FLOOR), 0);
			mean += decibels[subframe]! / SUBFRAMES;
		}
		const level = Math.min(Math.max(Math.round((mean - minDb) / stepDb), 0), this.levels - 1);
		const levelDb = level * stepDb + minDb;
		let bestShape = 0;
		let bestDistance = Infinity;
		for (let shape = 0, at = 0; at < shapes.length; shape++, at += SUBFRAMES) {
			let distance = 0;
			for (let subframe = 0; subframe < SUBFRAMES; subframe++) {
				distance += (decibels[subframe]! - levelDb - shapes[at + subframe]!) ** 2;
			}
			if (distance < bestDistance) {
				bestDistance = distance;
				bestShape = shape;
			}
		}
		frame.energyLevel = level;
		frame.energyShape = bestShape;
	}
}
