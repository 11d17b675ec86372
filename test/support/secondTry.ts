import { relative, sep } from 'node:path';

/**
 * Where sound, phones, processes and browsers run in real time. A machine that stands still for a
 * second can make such a test fail; it may try once more, and says so (`.ci/summary.js` counts it).
 * Everything else gets one try.
 */
const ROOMS = [
	'cli',
	'e2e',
	'engine/audioCall',
	'engine/call',
	'engine/media',
	'engine/mlowCall',
	'engine/phone',
	'engine/relay',
	'engine/session',
	'engine/voice',
	'nodes',
	'queue',
	'server',
	'simulator',
];

const path = relative(`${__dirname}/..`, expect.getState().testPath ?? '')
	.split(sep)
	.join('/');
if (ROOMS.some((room) => path.startsWith(`${room}/`))) {
	jest.retryTimes(1, { logErrorsBeforeRetry: true });
}
