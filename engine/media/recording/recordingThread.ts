import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { MediaRecording } from '../messages';
import type { AudioRecorder, CreateRecorder, RecordedPacket } from '../recorder';
import type { RecordingAnswer, RecordingRequest } from './threadMessages';

/** How long the rest of a recording may take; whoever waits for the end of the call waits for it. */
const FINISH_LIMIT_MS = 4_000;
/** Of JavaScript objects; the memory of WebAssembly lies outside. */
const MAXIMUM_HEAP_MB = 128;

/**
 * Makes recordings in a thread beside the one that paces all calls: a packet of MLow is decoded and
 * encoded anew, and takes a millisecond. The thread is there only while there is a recording.
 */
export class RecordingThread {
	private worker: Worker | undefined;
	/** By recording: whoever waits for its end, once it was asked for. */
	private readonly open = new Map<number, (recording?: MediaRecording) => void>();
	private nextId = 1;

	/** @param finishLimitMs how long `finish` waits for the rest of a recording */
	constructor(private readonly finishLimitMs = FINISH_LIMIT_MS) {}

	/** A recorder loses what it has when the thread is lost; the call goes on. */
	readonly createRecorder: CreateRecorder = ({ atMostMs }): AudioRecorder => {
		const id = this.nextId++;
		try {
			this.start();
			this.open.set(id, () => undefined);
			this.send({ type: 'open', id, atMostMs });
		} catch {
			// No more threads: a recording is not worth the call.
		}
		return {
			push: (packet) => this.push(id, packet),
			finish: async () => await this.finish(id),
		};
	};

	private start(): void {
		if (this.worker !== undefined) {
			return;
		}
		const worker = new Worker(join(__dirname, 'thread.js'), {
			resourceLimits: { maxOldGenerationSizeMb: MAXIMUM_HEAP_MB },
			name: 'whatsapp-call-recording',
		});
		worker.on('message', ({ id, recording }: RecordingAnswer) => this.settle(id, recording));
		// Out of memory, or a fault of the package: recordings under way are lost.
		worker.on('error', () => this.lose(worker));
		worker.on('exit', () => this.lose(worker));
		this.worker = worker;
	}

	private push(id: number, packet: RecordedPacket): void {
		if (this.open.has(id)) {
			// A copy of its own: what the payload is a part of would cross with it.
			const payload = Uint8Array.from(packet.payload);
			this.worker?.postMessage({ type: 'packet', id, packet: { ...packet, payload } }, [
				payload.buffer,
			]);
		}
	}

	private async finish(id: number): Promise<MediaRecording | undefined> {
		if (!this.open.has(id)) {
			return undefined;
		}
		return await new Promise((resolve) => {
			const patience = setTimeout(() => this.settle(id), this.finishLimitMs);
			this.open.set(id, (recording) => {
				clearTimeout(patience);
				resolve(recording);
			});
			this.send({ type: 'finish', id });
		});
	}

	private send(request: RecordingRequest): void {
		this.worker?.postMessage(request);
	}

	private settle(id: number, recording?: MediaRecording): void {
		const resolve = this.open.get(id);
		this.open.delete(id);
		if (this.open.size === 0) {
			const { worker } = this;
			this.worker = undefined;
			void worker?.terminate();
		}
		resolve?.(recording);
	}

	private lose(worker: Worker): void {
		if (this.worker === worker) {
			this.worker = undefined;
			for (const id of [...this.open.keys()]) {
				this.settle(id);
			}
		}
	}
}
