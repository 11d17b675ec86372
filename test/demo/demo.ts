import '../support/jestSetup';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { IDataObject, INodeParameters, INodeType } from 'n8n-workflow';
import { callUpdate, startContractServer, type ContractServer } from '../support/contractServer';
import { runNode, type NodeRun } from '../support/runNode';

const ROOT = join(__dirname, '../../..');
const BUILT_NODE = join(ROOT, 'dist/nodes/WhatsAppCall/WhatsAppCall.node.js');
const CLIP_FILE = 'test/support/clips/alert.mp3';
const CLIP = readFileSync(join(ROOT, CLIP_FILE));
const NUMBER = '+55 11 99999-9999';

/**
 * Runs the three operations of the built node in n8n's execution engine against a contract server
 * on loopback, and prints the items and what the server received. Exit code 1 when the server did
 * not get the clip byte for byte. Needs no account and no network.
 */
async function main(): Promise<void> {
	const server = await startContractServer();
	console.log(`A server that speaks RyzeAPI's contract listens at ${server.url}.`);
	console.log(`The clip is ${CLIP_FILE}: ${describe(CLIP)}.`);
	try {
		await show(server, 'Call > Fake: ring for 5 seconds and hang up', {
			resource: 'call',
			operation: 'fake',
			ringDurationSeconds: 5,
		});
		server.eventsOfNextCall((callId) =>
			['offer', 'accepted', 'terminated'].map((type, index) => ({
				afterMs: 100 + index * 400,
				frame: callUpdate('main', { callId, type }),
			})),
		);
		await show(server, 'Call > Audio: play the clip, and wait for the outcome', {
			resource: 'call',
			operation: 'audio',
			options: { waitForOutcome: true, waitAtMostSeconds: 10 },
		});
		await show(server, 'Voice Message > Send: the clip as a voice note', {
			resource: 'voiceMessage',
			operation: 'send',
		});
	} finally {
		await server.close();
	}
	console.log('\nAll three done: the server got every request, and the clip byte for byte.');
}

async function show(
	server: ContractServer,
	title: string,
	parameters: INodeParameters,
): Promise<void> {
	const before = server.requests.length;
	console.log(`\n== ${title}`);
	const hasAudio = parameters.operation !== 'fake';
	const { items, error } = await runNode({
		nodeType: builtNode(),
		parameters: { connection: 'ryzeApi', to: NUMBER, ...parameters },
		items: [hasAudio ? itemWithClip() : { json: {} }],
		credentials: { ryzeApi: { baseUrl: server.url, instance: 'main', token: 'instance-token' } },
	});
	if (error !== undefined) {
		throw new Error(`${error.message}. ${error.description ?? ''}`);
	}
	console.log('The server received');
	for (const { method, path, body, status } of server.requests.slice(before)) {
		console.log(`  ${method} ${path} ${text(body)} -> ${status}`);
	}
	if (hasAudio) {
		requireClip(server);
	}
	console.log('The node gives');
	console.log(JSON.stringify(items[0]?.json, null, 2).replace(/^/gm, '  '));
}

function builtNode(): INodeType {
	// eslint-disable-next-line @typescript-eslint/no-require-imports -- the file as n8n loads it, after the build
	const { WhatsAppCall } = require(BUILT_NODE) as { WhatsAppCall: new () => INodeType };
	return new WhatsAppCall();
}

function itemWithClip(): NonNullable<NodeRun['items']>[number] {
	return {
		json: {},
		binary: {
			data: { data: CLIP.toString('base64'), mimeType: 'audio/mpeg', fileName: 'alert.mp3' },
		},
	};
}

function requireClip(server: ContractServer): void {
	const body = server.requests.at(-1)?.body as IDataObject;
	const received = Buffer.from(String(body.mediaBase64), 'base64');
	if (!received.equals(CLIP)) {
		throw new Error(`The server got another file: ${describe(received)}`);
	}
}

function text(body: unknown): string {
	if (body === undefined) {
		return '';
	}
	return JSON.stringify(body, (key, value: unknown) =>
		key === 'mediaBase64' && typeof value === 'string'
			? `<${describe(Buffer.from(value, 'base64'))}>`
			: value,
	);
}

function describe(bytes: Buffer): string {
	const sum = createHash('sha256').update(bytes).digest('hex').slice(0, 12);
	return `${bytes.length} bytes, sha256 ${sum}…`;
}

void main().catch((error: unknown) => {
	console.error(error instanceof Error ? error.message : error);
	process.exitCode = 1;
});
