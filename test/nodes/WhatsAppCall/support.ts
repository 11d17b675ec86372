import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { IBinaryData, IDataObject, INodeExecutionData, INodeParameters } from 'n8n-workflow';
import type { ContractServer } from '../../support/contractServer';
import { runNode, type NodeResult, type NodeRun } from '../../support/runNode';

export const CLIP = readFileSync(join(__dirname, '../../support/clips/alert.mp3'));
export const NUMBER = '5511999999999';

type RunOptions = Omit<NodeRun, 'parameters'> & { parameters?: INodeParameters };

/** Runs `Call > Fake` over RyzeAPI against the contract server. */
export async function fake(
	server: Pick<ContractServer, 'url'>,
	parameters: IDataObject = {},
	options: RunOptions = {},
): Promise<NodeResult> {
	return await ryze(server, { resource: 'call', operation: 'fake', ...parameters }, options);
}

/** Runs `Call > Audio` over RyzeAPI. */
export async function audio(
	server: Pick<ContractServer, 'url'>,
	parameters: IDataObject = {},
	options: RunOptions = {},
): Promise<NodeResult> {
	return await ryze(server, { resource: 'call', operation: 'audio', ...parameters }, options);
}

/** Runs `Voice Message > Send` over RyzeAPI. */
export async function voice(
	server: Pick<ContractServer, 'url'>,
	parameters: IDataObject = {},
	options: RunOptions = {},
): Promise<NodeResult> {
	return await ryze(
		server,
		{ resource: 'voiceMessage', operation: 'send', ...parameters },
		options,
	);
}

/** Runs `Voice Message > Send` over the Voice API. */
export async function voiceApi(
	server: Pick<ContractServer, 'url'>,
	parameters: IDataObject = {},
	credential: IDataObject = {},
): Promise<NodeResult> {
	return await runNode({
		parameters: {
			resource: 'voiceMessage',
			operation: 'send',
			connection: 'voiceApi',
			to: NUMBER,
			audioSource: 'url',
			audioUrl: 'https://example.com/notes/hello.mp3',
			...parameters,
		} as INodeParameters,
		credentials: {
			wawpApi: {
				baseUrl: server.url,
				instanceId: 'WAWP1',
				accessToken: 'wawp-token',
				sendParametersAs: 'body',
				...(credential as Record<string, string>),
			},
		},
	});
}

async function ryze(
	server: Pick<ContractServer, 'url'>,
	parameters: IDataObject,
	options: RunOptions,
): Promise<NodeResult> {
	return await runNode({
		credentials: {
			ryzeApi: { baseUrl: server.url, instance: 'main', token: 'instance-token' },
		},
		...options,
		parameters: { connection: 'ryzeApi', to: NUMBER, ...parameters } as INodeParameters,
	});
}

/** An item with a binary field as n8n holds it in memory. */
export function itemWithBinary(
	bytes: Buffer,
	field = 'data',
	extra: Partial<IBinaryData> = {},
): INodeExecutionData {
	return {
		json: {},
		binary: {
			[field]: {
				data: bytes.toString('base64'),
				mimeType: 'audio/mpeg',
				fileName: 'a.mp3',
				...extra,
			},
		},
	};
}

/** The code and the two sentences of what the node threw. */
export function thrown({ error }: NodeResult): { code: unknown; message: string; hint: string } {
	if (error === undefined) {
		throw new Error('The node did not fail');
	}
	return { code: error.context.code, message: error.message, hint: error.description ?? '' };
}
