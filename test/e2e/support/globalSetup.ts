import globalTeardown from './globalTeardown';
import { N8nCommand } from './n8nCommand';
import { installN8n, requestedN8nVersion } from './n8nInstall';
import { installPackage } from './packageInstall';
import { REPOSITORY } from './paths';
import { announce, emptyUserFolder } from './prepared';

/** Installs n8n and the packed package once for all test files. */
export default async function globalSetup(): Promise<void> {
	const install = await installN8n(requestedN8nVersion());
	const { path: template } = await emptyUserFolder();
	announce({ install, template });
	try {
		await installPackage(REPOSITORY, template, install.nodeBinary);
		await new N8nCommand(install, template).prepareDatabase();
	} catch (error) {
		// jest runs no teardown after a setup that failed.
		await globalTeardown();
		throw error;
	}
}
