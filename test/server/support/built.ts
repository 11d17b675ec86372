import type { createServer } from '../../../server';

// The threads for sound need JavaScript: `npm test` builds first.
// eslint-disable-next-line @typescript-eslint/no-require-imports -- see above
export const built = require('../../../dist/server') as { createServer: typeof createServer };
