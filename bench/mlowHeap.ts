import type { HeapProfiler } from 'node:inspector';
import { Session } from 'node:inspector/promises';

/** On average one allocation in so many bytes is looked at. */
const SAMPLING_BYTES = 1024;
const NAMED_ALLOCATORS = 4;

/** What a frame allocates, also what is soon collected again. */
export interface Allocations {
	/** In bytes for a frame, without the memory behind typed arrays, which lies outside of the heap. */
	heapBytes: number;
	/** The functions that allocate most, with their bytes for a frame. */
	allocators: string[];
}

type Node = HeapProfiler.SamplingHeapProfileNode;

/** V8's own heap profile of a stretch of work: bytes by the function that allocated them. */
export class HeapProfile {
	private constructor(private readonly session: Session) {}

	static async start(): Promise<HeapProfile> {
		const session = new Session();
		session.connect();
		await session.post('HeapProfiler.enable');
		// These options are missing in the types: without them only what is still alive counts.
		const options: object = {
			samplingInterval: SAMPLING_BYTES,
			includeObjectsCollectedByMajorGC: true,
			includeObjectsCollectedByMinorGC: true,
		};
		await session.post('HeapProfiler.startSampling', options);
		return new HeapProfile(session);
	}

	/** @param frames that were worked on since the start */
	async stop(frames: number): Promise<Allocations> {
		const { profile } = await this.session.post('HeapProfiler.stopSampling');
		this.session.disconnect();
		const bytes = new Map<string, number>();
		collect(profile.head, '(V8)', bytes);
		const sorted = [...bytes].sort(([, left], [, right]) => right - left);
		return {
			heapBytes: sorted.reduce((sum, [, size]) => sum + size, 0) / frames,
			allocators: sorted
				.slice(0, NAMED_ALLOCATORS)
				.map(([name, size]) => `${name} ${(size / frames).toFixed(0)}`),
		};
	}
}

/**
 * The memory behind typed arrays that a piece of work allocates, in bytes. It has to be so short that
 * no garbage is collected meanwhile.
 */
export function arrayBytesOf(work: () => void): number {
	global.gc?.();
	const before = process.memoryUsage().arrayBuffers;
	work();
	return process.memoryUsage().arrayBuffers - before;
}

/** What built-in functions allocate is put down to whoever called them. */
function collect(node: Node, caller: string, bytes: Map<string, number>): void {
	const { functionName, lineNumber, url } = node.callFrame;
	const name =
		url === '' ? caller : `${functionName} ${url.split('/').at(-1)}:${lineNumber + 1}`.trim();
	bytes.set(name, (bytes.get(name) ?? 0) + node.selfSize);
	for (const child of node.children) {
		collect(child, name, bytes);
	}
}
