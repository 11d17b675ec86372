import { CallError } from '../../../common/errors';
import { SAMPLE_RATE_HZ } from '../types';
import { HALF_BAND_INPUT_HZ, HalfBandFilter, PASS_BAND_HZ, STOP_BAND_HZ } from './halfBand';
import { PolyphaseFilter } from './polyphase';

/** Sampling rates that audio can have. */
export const MIN_SAMPLE_RATE_HZ = 4000;
export const MAX_SAMPLE_RATE_HZ = 384_000;

/** Below the call's rate, the pass band as a part of the input's rate; the stop band mirrors it at the half. */
const NARROW_PASS_BAND = 0.45;

/**
 * From here on what the half-band filter leaves is free of the mirror images of the input: they begin
 * at half the input's rate.
 */
const TWO_STAGE_FROM_HZ = 2 * STOP_BAND_HZ;

/** One step of a chain. `finish` returns so many samples more as the whole still lacks. */
interface Stage {
	push(input: Float32Array): Float32Array;
	finish(count: number): Float32Array;
	/** Rates whose ratio says how many samples come out of how many. */
	inputRateHz: number;
	outputRateHz: number;
}

/** Takes mono samples of one rate, gives mono samples at 16 kHz. */
export interface Resampler {
	/** @returns what is complete so far, possibly nothing */
	push(input: Float32Array): Float32Array;
	/** @returns the rest, so that n samples in give round(n * 16000 / rate) samples out; the last call */
	finish(): Float32Array;
}

function stagesFor(rateHz: number): Stage[] {
	const polyphase = (outputRateHz: number, passBandHz: number, stopBandHz: number): Stage => {
		const filter = new PolyphaseFilter({
			inputRateHz: rateHz,
			outputRateHz,
			passBandHz,
			stopBandHz,
		});
		return Object.assign(filter, { inputRateHz: rateHz, outputRateHz });
	};
	if (rateHz === SAMPLE_RATE_HZ) return [];
	if (rateHz < TWO_STAGE_FROM_HZ) {
		const base = Math.min(rateHz, SAMPLE_RATE_HZ);
		return [polyphase(SAMPLE_RATE_HZ, NARROW_PASS_BAND * base, (1 - NARROW_PASS_BAND) * base)];
	}
	const halfBand: Stage = Object.assign(new HalfBandFilter(), {
		inputRateHz: HALF_BAND_INPUT_HZ,
		outputRateHz: SAMPLE_RATE_HZ,
	});
	if (rateHz === HALF_BAND_INPUT_HZ) return [halfBand];
	// Only what would be folded below the half-band filter's stop band has to go before it; and the
	// mirror image of a constant, which lies at the input's rate, as every phase must pass constants.
	const stopBandHz = Math.min(HALF_BAND_INPUT_HZ - STOP_BAND_HZ, rateHz);
	return [polyphase(HALF_BAND_INPUT_HZ, PASS_BAND_HZ, stopBandHz), halfBand];
}

/**
 * A linear-phase low-pass resampler to 16 kHz: flat to 7.2 kHz (or 0.45 of a lower rate), 90 dB down
 * from 8.8 kHz on, so that nothing is folded below 7.2 kHz. Output sample n stands at the time of
 * n / 16000 s: no delay. The output does not depend on how the input is cut.
 *
 * @param rateHz 4,000 to 384,000
 * @throws CallError AUDIO_UNREADABLE for another rate
 */
export function createResampler(rateHz: number): Resampler {
	const possible =
		Number.isInteger(rateHz) && rateHz >= MIN_SAMPLE_RATE_HZ && rateHz <= MAX_SAMPLE_RATE_HZ;
	if (!possible) {
		throw new CallError(
			'AUDIO_UNREADABLE',
			`The audio says that it has ${rateHz} samples per second, which cannot be`,
		);
	}
	const stages = stagesFor(rateHz).map((stage) => ({ stage, consumed: 0, produced: 0 }));

	const pushFrom = (index: number, input: Float32Array): Float32Array => {
		let samples = input;
		for (const state of stages.slice(index)) {
			state.consumed += samples.length;
			samples = state.stage.push(samples);
			state.produced += samples.length;
		}
		return samples;
	};

	return {
		push: (input) => pushFrom(0, input),
		finish() {
			const parts: Float32Array[] = [];
			for (const [index, { stage, consumed, produced }] of stages.entries()) {
				const whole = Math.round((consumed * stage.outputRateHz) / stage.inputRateHz);
				parts.push(pushFrom(index + 1, stage.finish(Math.max(0, whole - produced))));
			}
			return concatenate(parts);
		},
	};
}

function concatenate(parts: Float32Array[]): Float32Array {
	const whole = new Float32Array(parts.reduce((total, part) => total + part.length, 0));
	let offset = 0;
	for (const part of parts) {
		whole.set(part, offset);
		offset += part.length;
	}
	return whole;
}

/** @returns the average of the channels; the channel itself when there is one */
export function mixDown(channels: Float32Array[]): Float32Array {
	const [first, second] = channels;
	if (first === undefined) return new Float32Array(0);
	if (second === undefined || second === first) return first;
	const mono = new Float32Array(first.length);
	if (channels.length === 2) {
		for (let n = 0; n < mono.length; n++) mono[n] = (first[n]! + second[n]!) * 0.5;
		return mono;
	}
	const scale = 1 / channels.length;
	for (const channel of channels) {
		for (let n = 0; n < mono.length; n++) mono[n]! += channel[n]! * scale;
	}
	return mono;
}
