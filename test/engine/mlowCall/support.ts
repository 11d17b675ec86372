import { compareSpeech, type SpeechQuality } from '../../../bench/quality/compareSpeech';
import { findIn } from '../audioCall/support/studio';

/** Of a clip, to find it by: three seconds. */
const ENOUGH_TO_FIND = 48_000;
/** Samples before the beginning that the measure gets to see: it looks for the delay of the codec only. */
const MARGIN = 100;

/** How much a clip, wherever it begins in what was heard, is like it. Samples at 16 kHz. */
export function compareWithin(
	said: Int16Array,
	heard: Int16Array,
): { correlation: number; quality: SpeechQuality } {
	const { at, value } = findIn(said.subarray(0, ENOUGH_TO_FIND), heard);
	const start = Math.max(0, at - MARGIN);
	return { correlation: value, quality: compareSpeech(said, heard.subarray(start)) };
}
