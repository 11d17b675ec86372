import { tmpdir } from 'node:os';
import { join } from 'node:path';

// n8n-core writes its settings when it is loaded: not into the home of whoever runs the tests, and
// each test process into its own.
process.env.N8N_USER_FOLDER = join(
	tmpdir(),
	`n8n-nodes-whatsapp-call-tests-${process.env.JEST_WORKER_ID ?? 'none'}`,
);
process.env.N8N_ENFORCE_SETTINGS_FILE_PERMISSIONS = 'true';

// n8n-core starts an interval for SSH connections with the first node and ends it with the process
// only: it must not keep a test process alive.
const start = global.setInterval;
global.setInterval = ((...parameters: Parameters<typeof start>) =>
	start(...parameters).unref()) as typeof start;
