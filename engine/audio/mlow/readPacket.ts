import {
	INTERNAL_FRAMES,
	LPC_ORDER,
	NO_GAIN,
	SUBFRAMES,
	emptyInternalFrame,
} from './frameParameters';
import type { InternalFrame } from './frameParameters';
import { lsfCodebook } from './lsfCodebook';
import { NONE, emptyPrediction, forget, voicedRow } from './prediction';
import { MAX_BACKGROUND_PULSES, MAX_PULSES, pulseTables } from './pulseTables';
import { RangeDecoder } from './rangeDecoder';
import { readPulses } from './readPulses';
import {
	CONTOURS,
	ENERGY_LEVELS,
	ENERGY_SHAPES,
	FINE_LAGS,
	LAG_RANGES,
	PITCH_GAINS,
	PITCH_GAIN_ENTRIES,
	RANGE_TRANSITION_ENTRIES,
	UNVOICED_PULSE_GAINS,
	VOICED_CDF_ENTRIES,
	VOICED_PULSE_GAINS,
	deltaLagMode,
	deltaLagStart,
	energyQ14,
	isNearRange,
	symbolTables,
	unvoicedPulseGainStart,
} from './symbolTables';
import { packetKind } from './toc';
import type { PacketKind } from './toc';

/**
 * The decoder itself looks 4 bytes ahead; senders leave zeros at the end away (MLow chapter 01). Whoever
 * needs more reads a payload that was cut, or none.
 */
const MAX_IMPLIED_BYTES = 12;
/** Nothing follows the third internal frame; so much is let pass, in case that somebody appends it. */
const MAX_UNREAD_BYTES = 16;

/** `damaged`: empty, or no packet that an encoder can have written. */
export type PacketContent = PacketKind | 'damaged';

/** Reads packets: the order of symbols is that of MLow chapter 01, "Body syntax". */
export class PacketReader {
	private readonly tables = symbolTables();
	private readonly range = new RangeDecoder();
	private readonly prediction = emptyPrediction();
	private readonly counts = new Int32Array(SUBFRAMES);

	/** Makes the tables of the process, if nobody did: the first packet shall not wait for them. */
	constructor() {
		lsfCodebook(false);
		pulseTables();
	}

	/**
	 * Reads what the first byte of a payload announces. Any bytes can be read.
	 *
	 * @param frames three internal frames; they hold the packet only when speech or background noise is
	 *   returned
	 */
	read(payload: Uint8Array, frames: readonly InternalFrame[]): PacketContent {
		const kind = payload.length === 0 ? 'damaged' : packetKind(payload[0]!);
		if (kind !== 'speech' && kind !== 'background') return kind;
		this.range.start(payload, 1);
		for (let index = 0; index < INTERNAL_FRAMES; index++) {
			const previous = index === 0 ? undefined : frames[index - 1];
			if (!this.readFrame(frames[index]!, previous, kind === 'background')) return 'damaged';
		}
		return this.endsWithPayload() ? kind : 'damaged';
	}

	private endsWithPayload(): boolean {
		const { impliedBytes } = this.range;
		return impliedBytes <= MAX_IMPLIED_BYTES && -impliedBytes <= MAX_UNREAD_BYTES;
	}

	private readFrame(
		frame: InternalFrame,
		previous: InternalFrame | undefined,
		background: boolean,
	): boolean {
		const { counts, prediction, range, tables } = this;
		frame.voiced = false;
		if (!background) {
			const row = voicedRow(previous);
			frame.voiced = range.decodeSymbol(tables.voicedCdf, row * VOICED_CDF_ENTRIES, 2) === 1;
		}
		const match = previous?.voiced === frame.voiced;
		if (!match) forget(prediction);
		this.readLsf(frame, match);
		frame.lsfInterpolation = background ? 0 : range.decodeSymbol(tables.interpolationCdf, 0, 2);
		const limit = background ? MAX_BACKGROUND_PULSES : MAX_PULSES;
		if (!readPulses(range, limit, frame.pulses, counts)) return false;
		if (frame.voiced) this.readVoiced(frame);
		else this.readUnvoiced(frame);
		return true;
	}

	private readLsf(frame: InternalFrame, match: boolean): void {
		const { range } = this;
		const { conditionalGridCdf, gridCdf, cdfs, cdfStarts, counts } = lsfCodebook(frame.voiced);
		const grids = match ? conditionalGridCdf : gridCdf;
		frame.lsfGrid = range.decodeSymbol(grids, 0, grids.length - 1);
		for (let k = 0; k < LPC_ORDER; k++) {
			const table = frame.lsfGrid * LPC_ORDER + k;
			frame.lsfSymbols[k] = range.decodeSymbol(cdfs, cdfStarts[table]!, counts[table]!);
		}
	}

	private readUnvoiced(frame: InternalFrame): void {
		const { counts, range, tables } = this;
		const level = range.decodeSymbol(tables.energyLevelCdf, 0, ENERGY_LEVELS);
		const shape = range.decodeSymbol(tables.energyShapeCdf, 0, ENERGY_SHAPES);
		frame.energyLevel = level;
		frame.energyShape = shape;
		for (let subframe = 0; subframe < SUBFRAMES; subframe++) {
			const pulses = counts[subframe]!;
			if (pulses === 0) {
				frame.pulseGains[subframe] = NO_GAIN;
				continue;
			}
			const energy = energyQ14(tables, level, shape, subframe);
			const start = unvoicedPulseGainStart(pulses, energy);
			frame.pulseGains[subframe] = range.decodeSymbol(
				tables.unvoicedPulseGainCdf,
				start,
				UNVOICED_PULSE_GAINS,
			);
		}
	}

	private readVoiced(frame: InternalFrame): void {
		const { counts, prediction, range, tables } = this;
		for (let subframe = 0; subframe < SUBFRAMES; subframe++) {
			const row = (prediction.pitchGain + 1) * PITCH_GAIN_ENTRIES;
			const gain = range.decodeSymbol(tables.pitchGainCdf, row, PITCH_GAINS);
			frame.pitchGains[subframe] = gain;
			prediction.pitchGain = gain;
			frame.pulseGains[subframe] = counts[subframe]! > 0 ? this.readVoicedPulseGain() : NO_GAIN;
		}
		this.readLags(frame);
	}

	private readVoicedPulseGain(): number {
		const { prediction, range, tables } = this;
		const absolute = prediction.pulseGain === NONE;
		prediction.pulseGain = range.decodeSymbol(
			absolute ? tables.voicedPulseGainCdf : tables.voicedPulseGainDeltaCdf,
			absolute ? 0 : VOICED_PULSE_GAINS - 1 - prediction.pulseGain,
			VOICED_PULSE_GAINS,
		);
		return prediction.pulseGain;
	}

	private readLags(frame: InternalFrame): void {
		const { prediction, range, tables } = this;
		const { segmentStarts, segmentRanges, segmentLengths } = tables;
		const mode = deltaLagMode(tables, frame.pitchGains);
		const contour = this.readContour();
		const first = segmentStarts[contour]!;
		frame.contour = contour;
		let block = 0;
		for (let segment = first; segment < segmentStarts[contour + 1]!; segment++) {
			const lagRange = segmentRanges[segment]!;
			const near =
				segment > first || (prediction.range !== NONE && isNearRange(lagRange, prediction.range));
			const fine = near
				? range.decodeSymbol(
						tables.deltaLagCdf,
						deltaLagStart(mode, lagRange, prediction.lagIndex),
						FINE_LAGS,
					)
				: range.decodeUniform(FINE_LAGS);
			prediction.range = lagRange;
			prediction.lagIndex = FINE_LAGS * lagRange + fine;
			const end = block + segmentLengths[segment]!;
			while (block < end) frame.lagIndices[block++] = prediction.lagIndex;
		}
	}

	private readContour(): number {
		const { prediction, range, tables } = this;
		if (prediction.range === NONE) {
			return tables.contourOfSymbol[range.decodeSymbol(tables.contourCdf, 0, CONTOURS)]!;
		}
		const row = prediction.range * RANGE_TRANSITION_ENTRIES;
		const firstRange = range.decodeSymbol(tables.rangeTransitionCdf, row, LAG_RANGES);
		const lowest = tables.firstRangeSymbols[2 * firstRange]!;
		const highest = tables.firstRangeSymbols[2 * firstRange + 1]!;
		return tables.contourOfSymbol[
			lowest + range.decodeSymbol(tables.contourCdf, lowest, highest - lowest + 1)
		]!;
	}
}

/**
 * Reads one packet with audio.
 *
 * @returns its three internal frames; undefined for silence and for what is not supported
 */
export function readPacket(payload: Uint8Array): InternalFrame[] | undefined {
	const frames = Array.from({ length: INTERNAL_FRAMES }, emptyInternalFrame);
	const kind = new PacketReader().read(payload, frames);
	return kind === 'speech' || kind === 'background' ? frames : undefined;
}
