import type { TransferListItem } from 'node:worker_threads';
import { createRecorder, type CallRecorder } from './createRecorder';
import type { Transcoding } from './reader';
import type { RecordingAnswer, RecordingRequest } from './threadMessages';

/** All recordings of the recording thread; knows nothing of threads itself. */
export class RecordingWorkshop {
	private readonly recorders = new Map<number, CallRecorder>();

	/** @param answer sends to the media thread; what is in `transfer` is lost to this one */
	constructor(
		private readonly transcoding: Transcoding | undefined,
		private readonly answer: (answer: RecordingAnswer, transfer: TransferListItem[]) => void,
	) {}

	handle(request: RecordingRequest): void {
		const { id } = request;
		switch (request.type) {
			case 'open': {
				const { atMostMs } = request;
				const { transcoding } = this;
				const recorder = createRecorder({ atMostMs, ...(transcoding && { transcoding }) });
				this.recorders.set(id, recorder);
				return;
			}
			case 'packet':
				return this.recorders.get(id)?.push(request.packet);
			case 'finish':
				return this.finish(id);
		}
	}

	private finish(id: number): void {
		const recording = this.recorders.get(id)?.finish();
		this.recorders.delete(id);
		if (recording === undefined) {
			this.answer({ type: 'finished', id }, []);
			return;
		}
		// A copy has its memory to itself, and can be handed over.
		const ogg = Uint8Array.from(recording.ogg);
		this.answer({ type: 'finished', id, recording: { ...recording, ogg } }, [ogg.buffer]);
	}
}
