// First of all: n8n-core reads its variables when it is loaded.
import '../test/support/jestSetup';
import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { IDataObject, INodeParameters, INodeType } from 'n8n-workflow';
import type * as Engine from '../engine';
import { runNode, type NodeRun } from '../test/support/runNode';
import { THEIR_NUMBER_WRITTEN } from './phones';

const DIST = join(__dirname, '../../dist');
const LINK_LIMIT_MS = 20_000;

/** What the page and the terminal call the three runs. */
export type RunName = 'fake' | 'audio' | 'voice';

/** What an operation of the node is given. */
const PARAMETERS: Record<RunName, INodeParameters> = {
	fake: {
		resource: 'call',
		operation: 'fake',
		to: THEIR_NUMBER_WRITTEN,
		ringDurationSeconds: 2,
		options: { pauseBetweenCallsSeconds: 0 },
	},
	audio: {
		resource: 'call',
		operation: 'audio',
		to: THEIR_NUMBER_WRITTEN,
		audioSource: 'binary',
		binaryPropertyName: 'data',
		options: { pauseBetweenCallsSeconds: 0 },
	},
	voice: {
		resource: 'voiceMessage',
		operation: 'send',
		to: THEIR_NUMBER_WRITTEN,
		audioSource: 'binary',
		binaryPropertyName: 'data',
	},
};

/** The node as it was built, with the connection Embedded, in n8n's own execution engine. */
export class BuiltNode {
	private readonly nodeType: INodeType;

	/** @param clipFile what audio calls play */
	constructor(private readonly clipFile: string) {
		// eslint-disable-next-line @typescript-eslint/no-require-imports -- the file as n8n loads it, after the build
		const { WhatsAppCall } = require(join(DIST, 'nodes/WhatsAppCall/WhatsAppCall.node.js')) as {
			WhatsAppCall: new () => INodeType;
		};
		this.nodeType = new WhatsAppCall();
	}

	/** Links a session that another process will use. */
	static async linkElsewhere(
		name: string,
		environment: Record<string, string>,
		scan: (qr: string) => Promise<void>,
	): Promise<void> {
		const logger = { debug: () => {}, info: () => {}, warn: () => {} };
		const phone = builtEngine().openPhone({ name, logger }, environment);
		try {
			const step = await phone.link();
			if (step.state === 'linking' && step.method === 'qr') await scan(step.qr);
			await phone.linked();
		} finally {
			await phone.close();
		}
	}

	/** Links by Session > Link Device. */
	async link(scan: (qr: string) => Promise<void>, signal: AbortSignal): Promise<void> {
		const step = await this.execute({
			resource: 'session',
			operation: 'linkDevice',
			linkBy: 'qrCode',
		});
		signal.throwIfAborted();
		await scan(String(step.qr));
		const deadline = Date.now() + LINK_LIMIT_MS;
		for (;;) {
			signal.throwIfAborted();
			const { state } = await this.execute({ resource: 'session', operation: 'getStatus' });
			if (state === 'connected') return;
			if (Date.now() > deadline) throw new Error(`The node was not linked: its state is ${state}`);
			await sleep(50);
		}
	}

	/** Gives the report, the item that the next node would get. */
	async run(name: RunName): Promise<IDataObject> {
		return await this.execute(PARAMETERS[name], name === 'fake' ? { json: {} } : this.clip());
	}

	/** Hangs up and closes the connection. */
	async close(): Promise<void> {
		await builtEngine().closePhones();
	}

	private async execute(
		parameters: INodeParameters,
		item: NonNullable<NodeRun['items']>[number] = { json: {} },
	): Promise<IDataObject> {
		const { items, error } = await runNode({
			nodeType: this.nodeType,
			parameters: { connection: 'embedded', ...parameters },
			items: [item],
			credentials: { whatsAppSession: { sessionName: 'demo' } },
			summary: true,
		});
		if (error !== undefined) {
			throw new Error(`${error.message}. ${error.description ?? ''}`.trim());
		}
		return items[0]?.json ?? {};
	}

	private clip(): NonNullable<NodeRun['items']>[number] {
		const data = readFileSync(this.clipFile).toString('base64');
		return {
			json: {},
			binary: { data: { data, mimeType: 'audio/mpeg', fileName: basename(this.clipFile) } },
		};
	}
}

function builtEngine(): Pick<typeof Engine, 'closePhones' | 'openPhone'> {
	// eslint-disable-next-line @typescript-eslint/no-require-imports -- the one that the built node loads
	return require(join(DIST, 'engine')) as typeof Engine;
}
