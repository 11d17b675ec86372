import { createMlowCodec } from '../engine/audio/codec/mlow';
import { createOpusCodec } from '../engine/audio/codec/opus';
import { loadOpusLibrary } from '../engine/audio/codec/opusLibrary';
import { FRAME_SAMPLES, type CallCodec } from '../engine/audio/types';
import { arrayBytesOf, HeapProfile, type Allocations } from './mlowHeap';
import { vectorClip } from './mlowClips';
import { QUALITY_BARS } from './mlowBars';

const WARM_UP_FRAMES = 600;
const FRAMES = 2000;
/** Without garbage collection in between. */
const FEW_FRAMES = 10;

/** What encoding or decoding costs for a frame of 60 ms. */
export interface FrameCost extends Allocations {
	medianMs: number;
	p95Ms: number;
	/** The memory behind typed arrays that a frame allocates, in bytes. */
	arrayBytes: number;
	/** What is still held after garbage collection, in bytes for a frame. */
	retainedBytes: number;
}

export interface CodecCost {
	encode: FrameCost;
	decode: FrameCost;
}

/**
 * A process of its own for one codec (`mlow` or `opus`): writes its CodecCost as JSON. It needs
 * `--expose-gc`.
 */
async function main(name: string | undefined): Promise<void> {
	const codec: CallCodec =
		name === 'opus' ? createOpusCodec(await loadOpusLibrary()) : createMlowCodec();
	const encoder = codec.createEncoder();
	const decoder = codec.createDecoder();
	const frames = speechFrames();
	const payloads = frames.map((frame) => encoder.encode(frame).payload);
	const cost: CodecCost = {
		encode: await costOf((index) => encoder.encode(frames[index % frames.length]!)),
		decode: await costOf((index) => decoder.decode(payloads[index % payloads.length]!)),
	};
	encoder.close();
	decoder.close();
	console.log(JSON.stringify(cost));
}

/** The clips of the vectors, one after the other: 16 seconds. */
function speechFrames(): Int16Array[] {
	return QUALITY_BARS.flatMap(({ clip }) => {
		const { samples } = vectorClip(clip);
		return Array.from({ length: Math.floor(samples.length / FRAME_SAMPLES) }, (_, index) =>
			samples.slice(index * FRAME_SAMPLES, (index + 1) * FRAME_SAMPLES),
		);
	});
}

async function costOf(work: (index: number) => unknown): Promise<FrameCost> {
	repeat(WARM_UP_FRAMES, work);
	const times = new Float64Array(FRAMES);
	const before = heldBytes();
	repeat(FRAMES, (index) => {
		const start = performance.now();
		work(index);
		times[index] = performance.now() - start;
	});
	const retainedBytes = Math.max(0, heldBytes() - before) / FRAMES;
	const profile = await HeapProfile.start();
	repeat(FRAMES, work);
	const allocations = await profile.stop(FRAMES);
	const arrayBytes = arrayBytesOf(() => repeat(FEW_FRAMES, work)) / FEW_FRAMES;
	times.sort();
	return {
		medianMs: times[FRAMES / 2]!,
		p95Ms: times[Math.floor(0.95 * FRAMES)]!,
		arrayBytes,
		retainedBytes,
		...allocations,
	};
}

function repeat(times: number, work: (index: number) => unknown): void {
	for (let index = 0; index < times; index++) {
		work(index);
	}
}

/** Objects and the memory of typed arrays, after garbage collection. */
function heldBytes(): number {
	global.gc?.();
	global.gc?.();
	const { heapUsed, arrayBuffers } = process.memoryUsage();
	return heapUsed + arrayBuffers;
}

void main(process.argv[2]);
