import { execFileSync } from 'node:child_process';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { createMlowCodec } from '../engine/audio/codec/mlow';
import { createOpusCodec } from '../engine/audio/codec/opus';
import { loadOpusLibrary } from '../engine/audio/codec/opusLibrary';
import { FRAME_MS } from '../engine/audio/types';
import {
	DECODER_BARS,
	MOST_ALLOCATED_BYTES,
	MOST_DECODE_MS,
	MOST_ENCODE_MS,
	MOST_RETAINED_BYTES,
	QUALITY_BARS,
	type QualityBar,
} from './mlowBars';
import { naturalClips, vectorClip } from './mlowClips';
import { keepClip, LISTENING_FOLDER } from './mlowListen';
import type { CodecCost, FrameCost } from './mlowProbe';
import {
	above,
	below,
	decoderNoiseRatioDb,
	missedAgainst,
	missedByItself,
	passThrough,
	type PassedThrough,
} from './mlowQuality';

const NAME_WIDTH = 20;
const COLUMNS: ReadonlyArray<readonly [heading: string, width: number]> = [
	['STOI', 15],
	['LSD dB', 13],
	['segSNR dB', 13],
	['correlation', 15],
	['delay', 7],
	['level dB', 10],
	['envelope', 10],
	['bytes', 16],
];
/** The longest recording that a call takes by default, in frames. */
const LONGEST_FRAMES = (10 * 60 * 1000) / FRAME_MS;

/**
 * Prints how MLow sounds, beside what the full reference reaches, and what it costs, beside libopus
 * in WebAssembly. Keeps what came out as WAV files in the folder that the command line names, else
 * in the temporary one.
 */
export async function measure(): Promise<void> {
	const folder = process.argv[3] ?? LISTENING_FOLDER;
	const kept = [...judgeVectorClips(folder), ...(await judgeNaturalClips(folder))];
	judgeDecoder();
	judgeCost();
	console.log(`\nto listen to:\n${kept.map((file) => `  ${file}`).join('\n')}`);
}

function judgeVectorClips(folder: string): string[] {
	printHeadings('encoder and decoder (full reference)');
	return QUALITY_BARS.map((bar) => {
		const passed = passThrough(createMlowCodec(), vectorClip(bar.clip).samples);
		printQuality(bar.clip, passed, verdict(missedAgainst(bar, passed)), bar);
		return keepClip(folder, bar.clip, passed.decoded);
	});
}

async function judgeNaturalClips(folder: string): Promise<string[]> {
	printHeadings('natural speech');
	const opus = createOpusCodec(await loadOpusLibrary());
	return naturalClips().map(({ name, samples }) => {
		const passed = passThrough(createMlowCodec(), samples);
		printQuality(name, passed, verdict(missedByItself(passed)));
		printQuality('  Opus, 24 kbit/s', passThrough(opus, samples), '');
		return keepClip(folder, name, passed.decoded);
	});
}

function judgeDecoder(): void {
	console.log('\ndecoder alone, packets and output of the reference: signal to error');
	for (const { clip, noiseRatioDb } of DECODER_BARS) {
		const { packets, decoded } = vectorClip(clip);
		const reached = decoderNoiseRatioDb(createMlowCodec(), packets, decoded);
		const missed = below('ratio', reached, noiseRatioDb);
		console.log(
			`${clip.padEnd(NAME_WIDTH)}${reached.toFixed(1)} dB (${noiseRatioDb})  ${verdict(missed)}`,
		);
	}
}

function judgeCost(): void {
	console.log(
		`\nfor a frame of ${FRAME_MS} ms, 2,000 frames after warm-up; load average ${loadavg()[0]?.toFixed(1)}`,
	);
	const [mlow, opus] = [costOf('mlow'), costOf('opus')];
	printCost('MLow encoder', mlow.encode, verdict(missedCost(mlow.encode, MOST_ENCODE_MS)));
	printCost('libopus encoder', opus.encode, '');
	printCost('MLow decoder', mlow.decode, verdict(missedCost(mlow.decode, MOST_DECODE_MS)));
	printCost('libopus decoder', opus.decode, '');
	const seconds = (mlow.encode.medianMs * LONGEST_FRAMES) / 1000;
	console.log(`a recording of ten minutes takes the encoder ${seconds.toFixed(1)} s at the median`);
	console.log('what allocates most with MLow, in bytes of heap for a frame:');
	for (const [what, { allocators }] of Object.entries(mlow) as Array<[string, FrameCost]>) {
		console.log(`  ${what}: ${allocators.join('; ')}`);
	}
}

function missedCost(cost: FrameCost, mostMs: number): string[] {
	return [
		...above('time', cost.medianMs, mostMs),
		...above('allocated bytes', cost.heapBytes + cost.arrayBytes, MOST_ALLOCATED_BYTES),
		...above('kept bytes', cost.retainedBytes, MOST_RETAINED_BYTES),
	];
}

function costOf(codec: string): CodecCost {
	const output = execFileSync(
		process.execPath,
		['--expose-gc', join(__dirname, 'mlowProbe.js'), codec],
		{ encoding: 'utf8' },
	);
	return JSON.parse(output.trim().split('\n').at(-1) ?? '') as CodecCost;
}

function printHeadings(title: string): void {
	const headings = COLUMNS.map(([heading, width]) => heading.padStart(width)).join('');
	console.log(`\n${title}\n${''.padEnd(NAME_WIDTH)}${headings}`);
}

function printQuality(
	name: string,
	{ quality, bytes, packets }: PassedThrough,
	judgement: string,
	bar?: QualityBar,
): void {
	const beside = (value: string, reference: string | undefined) =>
		reference === undefined ? value : `${value} (${reference})`;
	const cells = [
		beside(quality.intelligibility.toFixed(3), bar?.intelligibility.toFixed(3)),
		beside(quality.spectralDistanceDb.toFixed(2), bar?.spectralDistanceDb.toFixed(2)),
		beside(quality.segmentalNoiseRatioDb.toFixed(1), bar?.segmentalNoiseRatioDb.toFixed(1)),
		beside(quality.correlation.toFixed(3), bar?.correlation.toFixed(3)),
		String(quality.delaySamples),
		quality.levelDb.toFixed(2),
		quality.envelopeCorrelation.toFixed(3),
		beside(
			bar === undefined ? `${(bytes / packets).toFixed(0)} a packet` : String(bytes),
			bar?.bytes.toString(),
		),
	];
	const row = cells.map((cell, index) => cell.padStart(COLUMNS[index]?.[1] ?? 0)).join('');
	console.log(`${name.padEnd(NAME_WIDTH)}${row}  ${judgement}`);
}

function printCost(name: string, cost: FrameCost, judgement: string): void {
	const { medianMs, p95Ms, heapBytes, arrayBytes, retainedBytes } = cost;
	const bytes = [heapBytes, arrayBytes, retainedBytes].map((value) => value.toFixed(0));
	console.log(
		`${name.padEnd(NAME_WIDTH)}median ${medianMs.toFixed(3)} ms, p95 ${p95Ms.toFixed(3)} ms; ` +
			`allocates ${bytes[0]} bytes of heap and ${bytes[1]} behind arrays, keeps ${bytes[2]}  ${judgement}`,
	);
}

function verdict(missed: readonly string[]): string {
	if (missed.length === 0) {
		return 'ok';
	}
	process.exitCode = 1;
	return `MISSED: ${missed.join(', ')}`;
}
