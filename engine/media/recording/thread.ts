import { parentPort } from 'node:worker_threads';
import { createMlowCodec } from '../../audio/codec/mlow';
import { loadOpusLibrary } from '../../audio/codec/opusLibrary';
import type { Transcoding } from './reader';
import { RecordingWorkshop } from './recordingWorkshop';
import type { RecordingRequest } from './threadMessages';

/** The worker thread that makes recordings of what recipients say. */

const workshop = prepare().then(
	(transcoding) =>
		new RecordingWorkshop(transcoding, (answer, transfer) =>
			parentPort?.postMessage(answer, transfer),
		),
);

parentPort?.on('message', (request: RecordingRequest) => {
	// Callbacks of one promise run in the order in which they were added.
	void workshop.then((ready) => ready.handle(request));
});

/** @returns undefined when libopus cannot be loaded: then MLow is silence in the recordings */
async function prepare(): Promise<Transcoding | undefined> {
	try {
		const opusLibrary = await loadOpusLibrary();
		return { opusLibrary, decoders: { mlow: createMlowCodec().createDecoder } };
	} catch {
		return undefined;
	}
}
