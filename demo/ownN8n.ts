import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { N8nCommand } from '../test/e2e/support/n8nCommand';
import { installN8n, requestedN8nVersion } from '../test/e2e/support/n8nInstall';
import { N8nRest, OWNER } from '../test/e2e/support/n8nRest';
import { N8nServer } from '../test/e2e/support/n8nServer';
import { installPackage } from '../test/e2e/support/packageInstall';
import { REPOSITORY } from '../test/e2e/support/paths';
import { emptyUserFolder } from '../test/e2e/support/prepared';
import type { StoredCredential, Workflow } from '../test/e2e/support/workflow';

const WORKFLOWS = join(REPOSITORY, 'docs/workflows');

/** What the credentials of the workflows hold. */
export interface Credentials {
	ryzeApi: { baseUrl: string; instance: string; token: string };
	whatsAppSession: { sessionName: string };
}

export interface OwnN8nOptions {
	credentials: Credentials;
	/** What audio calls play. */
	clipFile: string;
	/** Where nothing is, for the workflow that watches a website. */
	missingPage: string;
	/** Further variables. */
	environment: Record<string, string>;
}

/** A real n8n with the package and the workflows of the documentation. */
export class OwnN8n {
	readonly email = OWNER.email;
	readonly password = OWNER.password;

	private constructor(
		private readonly server: N8nServer,
		private readonly folder: string,
	) {}

	static async start(options: OwnN8nOptions): Promise<OwnN8n> {
		const install = await installN8n(requestedN8nVersion());
		const { path: folder } = await emptyUserFolder();
		try {
			await installPackage(REPOSITORY, folder, install.nodeBinary);
			const command = new N8nCommand(install, folder, options.environment);
			await command.prepareDatabase();
			const stored = storedCredentials(options.credentials);
			await command.importCredentials(stored);
			await command.importWorkflows(await workflows(stored, options));
			const server = await N8nServer.start(install, folder, options.environment);
			const n8n = new OwnN8n(server, folder);
			await N8nRest.logIn(server.url).catch(async (error: unknown) => {
				await n8n.stop();
				throw error;
			});
			return n8n;
		} catch (error) {
			await rm(folder, { recursive: true, force: true });
			throw error;
		}
	}

	/** Address of the editor. */
	get url(): string {
		return this.server.url;
	}

	async stop(): Promise<void> {
		await this.server.stop();
		await rm(this.folder, { recursive: true, force: true });
	}
}

function storedCredentials({ ryzeApi, whatsAppSession }: Credentials): StoredCredential[] {
	return [
		{ id: 'ryzeApiOfTheDemo', name: 'Server of the demo', type: 'ryzeApi', data: ryzeApi },
		{
			id: 'sessionOfTheDemo',
			name: 'WhatsApp of the demo',
			type: 'whatsAppSession',
			data: whatsAppSession,
		},
	];
}

/** Those of the documentation, filled in. */
async function workflows(
	credentials: StoredCredential[],
	{ clipFile, missingPage }: OwnN8nOptions,
): Promise<Workflow[]> {
	const files = (await readdir(WORKFLOWS)).filter((name) => name.endsWith('.json'));
	return await Promise.all(
		files.map(async (name) => {
			const workflow = JSON.parse(await readFile(join(WORKFLOWS, name), 'utf8')) as Workflow;
			for (const node of workflow.nodes) {
				const { parameters, type } = node;
				if (type.endsWith('.whatsAppCall')) {
					const wanted = parameters.connection === 'embedded' ? 'whatsAppSession' : 'ryzeApi';
					node.credentials = Object.fromEntries(
						credentials
							.filter((one) => one.type === wanted)
							.map(({ id, name: title }) => [wanted, { id, name: title }]),
					);
				}
				if (type.endsWith('.readWriteFile')) parameters.fileSelector = clipFile;
				if (type.endsWith('.httpRequest')) parameters.url = missingPage;
			}
			return workflow;
		}),
	);
}
