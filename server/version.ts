import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

export const PACKAGE = 'n8n-nodes-whatsapp-call';

/** The version of this package: of the nearest package.json above that has its name. */
export function packageVersion(): string {
	for (let folder = __dirname; folder !== dirname(folder); folder = dirname(folder)) {
		try {
			const manifest: unknown = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
			const { name, version } = manifest as { name?: unknown; version?: unknown };
			if (name === PACKAGE && typeof version === 'string') {
				return version;
			}
		} catch {
			// None here: it lies further up.
		}
	}
	return '0.0.0';
}
