import { INTERNAL_FRAMES, LPC_ORDER, SUBFRAMES } from './frameParameters';
import type { InternalFrame } from './frameParameters';
import { lsfCodebook } from './lsfCodebook';
import { NONE, emptyPrediction, forget, voicedRow } from './prediction';
import { MAX_BACKGROUND_PULSES, MAX_PULSES, pulseTables } from './pulseTables';
import { RangeEncoder } from './rangeEncoder';
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
import { ACTIVE_SPEECH, packetKind } from './toc';
import { countPulses, writePulses } from './writePulses';

/** Writes packets: the order of symbols is that of MLow chapter 01, "Body syntax". */
export class PacketWriter {
	private readonly tables = symbolTables();
	private readonly range = new RangeEncoder();
	private readonly prediction = emptyPrediction();
	private readonly counts = new Int32Array(SUBFRAMES);

	/** Makes the tables of the process, if nobody did: the first packet shall not wait for them. */
	constructor() {
		lsfCodebook(false);
		pulseTables();
	}

	/**
	 * @param frames three internal frames; `lsfGrid` is 16 only after a frame of the same kind, lags
	 *   agree with their contour, and there are `pulseGains` just where there are pulses
	 * @param firstByte of a packet with audio: ACTIVE_SPEECH, HANGOVER or BACKGROUND_NOISE, whose
	 *   frames are unvoiced, not interpolated and have 80 pulses at most
	 * @returns the payload, without the zeros that a decoder reads after its end anyway; it is
	 *   overwritten by the next call
	 */
	write(frames: readonly InternalFrame[], firstByte = ACTIVE_SPEECH): Uint8Array {
		const background = packetKind(firstByte) === 'background';
		this.range.start(1);
		for (let index = 0; index < INTERNAL_FRAMES; index++) {
			this.writeFrame(frames[index]!, index === 0 ? undefined : frames[index - 1], background);
		}
		const payload = this.range.finish();
		payload[0] = firstByte;
		let length = payload.length;
		while (length > 1 && payload[length - 1] === 0) length--;
		return payload.subarray(0, length);
	}

	private writeFrame(
		frame: InternalFrame,
		previous: InternalFrame | undefined,
		background: boolean,
	): void {
		const { counts, prediction, range, tables } = this;
		const { voiced } = frame;
		const match = previous?.voiced === voiced;
		if (!match) forget(prediction);
		if (!background) {
			const row = voicedRow(previous);
			range.encodeSymbol(tables.voicedCdf, row * VOICED_CDF_ENTRIES, 2, voiced ? 1 : 0);
		}
		this.writeLsf(frame, match);
		if (!background) range.encodeSymbol(tables.interpolationCdf, 0, 2, frame.lsfInterpolation);
		countPulses(frame.pulses, counts);
		writePulses(range, frame.pulses, counts, background ? MAX_BACKGROUND_PULSES : MAX_PULSES);
		if (voiced) this.writeVoiced(frame);
		else this.writeUnvoiced(frame);
	}

	private writeLsf({ voiced, lsfGrid, lsfSymbols }: InternalFrame, match: boolean): void {
		const { range } = this;
		const { conditionalGridCdf, gridCdf, cdfs, cdfStarts, counts } = lsfCodebook(voiced);
		const grids = match ? conditionalGridCdf : gridCdf;
		range.encodeSymbol(grids, 0, grids.length - 1, lsfGrid);
		for (let k = 0; k < LPC_ORDER; k++) {
			const table = lsfGrid * LPC_ORDER + k;
			range.encodeSymbol(cdfs, cdfStarts[table]!, counts[table]!, lsfSymbols[k]!);
		}
	}

	private writeUnvoiced({ energyLevel, energyShape, pulseGains }: InternalFrame): void {
		const { counts, range, tables } = this;
		range.encodeSymbol(tables.energyLevelCdf, 0, ENERGY_LEVELS, energyLevel);
		range.encodeSymbol(tables.energyShapeCdf, 0, ENERGY_SHAPES, energyShape);
		for (let subframe = 0; subframe < SUBFRAMES; subframe++) {
			const pulses = counts[subframe]!;
			if (pulses === 0) continue;
			const energy = energyQ14(tables, energyLevel, energyShape, subframe);
			const start = unvoicedPulseGainStart(pulses, energy);
			range.encodeSymbol(
				tables.unvoicedPulseGainCdf,
				start,
				UNVOICED_PULSE_GAINS,
				pulseGains[subframe]!,
			);
		}
	}

	private writeVoiced(frame: InternalFrame): void {
		const { counts, prediction, range, tables } = this;
		for (let subframe = 0; subframe < SUBFRAMES; subframe++) {
			const gain = frame.pitchGains[subframe]!;
			const row = (prediction.pitchGain + 1) * PITCH_GAIN_ENTRIES;
			range.encodeSymbol(tables.pitchGainCdf, row, PITCH_GAINS, gain);
			prediction.pitchGain = gain;
			if (counts[subframe]! > 0) this.writeVoicedPulseGain(frame.pulseGains[subframe]!);
		}
		this.writeLags(frame);
	}

	private writeVoicedPulseGain(gain: number): void {
		const { prediction, range, tables } = this;
		if (prediction.pulseGain === NONE) {
			range.encodeSymbol(tables.voicedPulseGainCdf, 0, VOICED_PULSE_GAINS, gain);
		} else {
			const start = VOICED_PULSE_GAINS - 1 - prediction.pulseGain;
			range.encodeSymbol(tables.voicedPulseGainDeltaCdf, start, VOICED_PULSE_GAINS, gain);
		}
		prediction.pulseGain = gain;
	}

	private writeLags({ contour, lagIndices, pitchGains }: InternalFrame): void {
		const { prediction, range, tables } = this;
		const { segmentStarts, segmentRanges, segmentLengths } = tables;
		const mode = deltaLagMode(tables, pitchGains);
		const first = segmentStarts[contour]!;
		this.writeContour(contour, segmentRanges[first]!);
		let block = 0;
		for (let segment = first; segment < segmentStarts[contour + 1]!; segment++) {
			const lagRange = segmentRanges[segment]!;
			const lagIndex = lagIndices[block]!;
			const fine = lagIndex - FINE_LAGS * lagRange;
			const near =
				segment > first || (prediction.range !== NONE && isNearRange(lagRange, prediction.range));
			if (near) {
				const start = deltaLagStart(mode, lagRange, prediction.lagIndex);
				range.encodeSymbol(tables.deltaLagCdf, start, FINE_LAGS, fine);
			} else range.encodeUniform(fine, FINE_LAGS);
			prediction.range = lagRange;
			prediction.lagIndex = lagIndex;
			block += segmentLengths[segment]!;
		}
	}

	private writeContour(contour: number, firstRange: number): void {
		const { prediction, range, tables } = this;
		const symbol = tables.contourSymbols[contour]!;
		if (prediction.range === NONE) {
			range.encodeSymbol(tables.contourCdf, 0, CONTOURS, symbol);
			return;
		}
		const row = prediction.range * RANGE_TRANSITION_ENTRIES;
		range.encodeSymbol(tables.rangeTransitionCdf, row, LAG_RANGES, firstRange);
		const lowest = tables.firstRangeSymbols[2 * firstRange]!;
		const highest = tables.firstRangeSymbols[2 * firstRange + 1]!;
		range.encodeSymbol(tables.contourCdf, lowest, highest - lowest + 1, symbol - lowest);
	}
}

/** Writes one packet: see `PacketWriter.write`. */
export function writePacket(frames: readonly InternalFrame[], firstByte?: number): Uint8Array {
	return new PacketWriter().write(frames, firstByte);
}
