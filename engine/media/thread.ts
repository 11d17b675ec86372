import { randomBytes } from 'node:crypto';
import { parentPort } from 'node:worker_threads';
import { preloadChannel, RelayPool, systemMediaClock } from '../relay';
import { MediaWorkshop } from './mediaWorkshop';
import { Pacer } from './pacer';
import { RecordingThread } from './recording/recordingThread';
import type { ThreadRequest } from './threadMessages';

/** The worker thread: the media of all calls of the process. */

// What nobody caught ends the thread, whatever node was told to do: the main thread hears of it.
process.on('unhandledRejection', (reason) => {
	throw reason instanceof Error ? reason : new Error('a promise was rejected in the media thread');
});

const workshop = new MediaWorkshop(
	{
		clock: systemMediaClock,
		pacer: new Pacer(systemMediaClock),
		openRelays: (options) => new RelayPool(options),
		createRecorder: new RecordingThread().createRecorder,
		random: randomBytes,
		wallClockMs: Date.now,
	},
	(answer, transfer) => parentPort?.postMessage(answer, transfer),
);

parentPort?.on('message', (request: ThreadRequest) => workshop.handle(request));
void preloadChannel();
