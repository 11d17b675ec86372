import { startContractServer } from '../../support/contractServer';
import type { ContractServer } from '../../support/contractServer';
import { ryzeApi, wawpApi, whatsAppSession } from './credentials';
import { N8nCommand } from './n8nCommand';
import { N8nRest } from './n8nRest';
import { N8nServer } from './n8nServer';
import { prepared, userFolder } from './prepared';
import type { StoredCredential, Workflow } from './workflow';

/** An n8n with the package and both credentials, and the servers that they lead to. */
export interface Stage {
	contract: ContractServer;
	n8n: N8nCommand;
	credentials: Record<'ryzeApi' | 'wawpApi' | 'whatsAppSession', StoredCredential>;
	/** The folder in which n8n keeps everything. */
	userFolder: string;
	close(): Promise<void>;
}

/** A stage with a running n8n server and its owner logged in. */
export interface ServerStage extends Stage {
	server: N8nServer;
	rest: N8nRest;
}

/** Everything that `n8n execute` needs, in a user folder of its own. */
export async function openStage(): Promise<Stage> {
	return await open(async (stage) => await Promise.resolve(stage));
}

/**
 * The same with `n8n start`.
 *
 * @param workflows are stored before the start; they get the stage's credentials
 * @param environment further variables for every n8n of the stage
 */
export async function openServerStage(
	workflows: (credentials: Stage['credentials']) => Workflow[],
	environment: NodeJS.ProcessEnv = {},
): Promise<ServerStage> {
	return await open(async (stage) => {
		await stage.n8n.importWorkflows(workflows(stage.credentials));
		const server = await N8nServer.start(prepared().install, stage.userFolder, environment);
		const close = async (): Promise<void> => {
			await server.stop();
			await stage.close();
		};
		try {
			return { ...stage, server, rest: await N8nRest.logIn(server.url), close };
		} catch (error) {
			await server.stop();
			throw error;
		}
	}, environment);
}

/** Sets the common part up and tears it down again when the rest fails. */
async function open<S extends Stage>(
	complete: (stage: Stage) => Promise<S>,
	environment: NodeJS.ProcessEnv = {},
): Promise<S> {
	const folder = await userFolder();
	const contract = await startContractServer();
	const close = async (): Promise<void> => {
		await contract.close();
		await folder.remove();
	};
	try {
		const n8n = new N8nCommand(prepared().install, folder.path, environment);
		const credentials = {
			ryzeApi: ryzeApi(contract.url),
			wawpApi: wawpApi(contract.url),
			whatsAppSession: whatsAppSession(),
		};
		await n8n.importCredentials(Object.values(credentials));
		return await complete({ contract, n8n, credentials, userFolder: folder.path, close });
	} catch (error) {
		await close();
		throw error;
	}
}
