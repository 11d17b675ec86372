import type { N8nInstall } from './n8nInstall';
import { withNodeFirst } from './npm';
import { CLIPS } from './paths';

/** With a fixed key every process of a test reads the credentials that another one has stored. */
const ENCRYPTION_KEY = 'key-of-a-throw-away-n8n';

/**
 * The whole environment of an n8n process: quiet, on loopback, calling nobody, all its files in
 * one folder, and of the disk only the clips to be read by workflows.
 *
 * @param brokerPort a free port for the task runner broker, which n8n opens whether needed or not
 */
export function n8nEnvironment(
	install: N8nInstall,
	userFolder: string,
	brokerPort: number,
): NodeJS.ProcessEnv {
	return {
		...withNodeFirst(install.nodeBinary),
		HOME: userFolder,
		TZ: 'UTC',
		NO_COLOR: '1',
		N8N_USER_FOLDER: userFolder,
		N8N_ENCRYPTION_KEY: ENCRYPTION_KEY,
		N8N_ENFORCE_SETTINGS_FILE_PERMISSIONS: 'true',
		N8N_RESTRICT_FILE_ACCESS_TO: CLIPS,
		// `execute --rawOutput` prints through the logger: at any quieter level it prints nothing.
		N8N_LOG_LEVEL: 'info',
		N8N_LISTEN_ADDRESS: '127.0.0.1',
		N8N_RUNNERS_BROKER_LISTEN_ADDRESS: '127.0.0.1',
		N8N_RUNNERS_BROKER_PORT: String(brokerPort),
		N8N_SECURE_COOKIE: 'false',
		N8N_DIAGNOSTICS_ENABLED: 'false',
		N8N_VERSION_NOTIFICATIONS_ENABLED: 'false',
		N8N_DYNAMIC_BANNERS_ENABLED: 'false',
		N8N_HIRING_BANNER_ENABLED: 'false',
		N8N_TEMPLATES_ENABLED: 'false',
		N8N_PERSONALIZATION_ENABLED: 'false',
		N8N_LICENSE_AUTO_RENEW_ENABLED: 'false',
		N8N_VERIFIED_PACKAGES_ENABLED: 'false',
		// n8n 2.x would fetch a list of MCP servers; n8n 1.x refuses to start with a name it doesn't know.
		...(!install.version.startsWith('1.') && { N8N_DISABLED_MODULES: 'mcp-registry' }),
	};
}
