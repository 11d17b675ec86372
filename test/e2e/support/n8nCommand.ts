import { randomUUID } from 'node:crypto';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseExecution } from './execution';
import type { Execution } from './execution';
import { freePort } from './freePort';
import { n8nEnvironment } from './n8nEnvironment';
import type { N8nInstall } from './n8nInstall';
import { runCommand, tail } from './runCommand';
import type { CommandResult } from './runCommand';
import type { StoredCredential, Workflow } from './workflow';

const COMMAND_TIMEOUT_MS = 90_000;

/** How `n8n execute` ended: what it says about the execution, and everything that it printed. */
export interface Executed {
	execution: Execution;
	exitCode: number | null;
	printed: string;
}

/** n8n's command line, over one user folder. */
export class N8nCommand {
	constructor(
		private readonly install: N8nInstall,
		private readonly userFolder: string,
		/** Further environment variables. */
		private readonly extra: NodeJS.ProcessEnv = {},
	) {}

	/** Creates the database, if need be, with all its tables. */
	async prepareDatabase(): Promise<void> {
		this.demand(await this.run(['list:workflow']), 'list:workflow');
	}

	async importCredentials(credentials: StoredCredential[]): Promise<void> {
		await this.import('credentials', credentials, /Successfully imported/);
	}

	async importWorkflows(workflows: Workflow[]): Promise<void> {
		await this.import('workflow', workflows, /Successfully imported/);
	}

	/** Runs a stored workflow from its manual trigger to its end, whether it succeeds or not. */
	async execute(workflowId: string): Promise<Executed> {
		const result = await this.run(['execute', `--id=${workflowId}`, '--rawOutput']);
		const execution = parseExecution(result.stdout);
		if (!execution) throw new Error(`n8n execute told of no execution\n${summary(result)}`);
		return { execution, exitCode: result.code, printed: result.stdout + result.stderr };
	}

	private async import(what: string, content: object[], success: RegExp): Promise<void> {
		const file = join(this.userFolder, `${what}-${randomUUID()}.json`);
		await writeFile(file, JSON.stringify(content), { mode: 0o600 });
		try {
			const result = await this.run([`import:${what}`, `--input=${file}`]);
			this.demand(result, `import:${what}`, success);
		} finally {
			await rm(file);
		}
	}

	/** n8n ends with code 0 after some of its failures: only what it prints tells. */
	private demand(result: CommandResult, command: string, printed?: RegExp): void {
		if (result.code === 0 && (!printed || printed.test(result.stdout))) return;
		throw new Error(`n8n ${command} failed\n${summary(result)}`);
	}

	private async run(args: string[]): Promise<CommandResult> {
		const { nodeBinary, script } = this.install;
		return await runCommand(nodeBinary, [script, ...args], {
			cwd: this.userFolder,
			env: {
				...n8nEnvironment(this.install, this.userFolder, await freePort()),
				...this.extra,
			},
			timeoutMs: COMMAND_TIMEOUT_MS,
		});
	}
}

function summary({ code, stdout, stderr }: CommandResult): string {
	return `exit code ${code}\n${tail(stdout)}\n${tail(stderr)}`;
}
