import { randomUUID } from 'node:crypto';
import { PACKAGE_NAME } from './paths';

/** Parameters of a node as they stand in a workflow file. */
export type Parameters = Record<string, unknown>;

/** Where a node stands on the canvas, in its own pixels. */
type Position = [x: number, y: number];

/** A node of a workflow. */
export interface WorkflowNode {
	name: string;
	type: string;
	typeVersion: number;
	parameters: Parameters;
	/** By credential type: which stored credential the node uses. */
	credentials?: Record<string, { id: string; name: string }>;
	/** What n8n does when the node fails; by default the workflow stops. */
	onError?: 'continueRegularOutput';
	/** Of trigger nodes that are called by address. */
	webhookId?: string;
	/** Default: beside the node before it. */
	position?: Position;
}

/** A workflow as n8n imports it. */
export interface Workflow {
	id: string;
	name: string;
	active: boolean;
	versionId: string;
	nodes: Array<WorkflowNode & { id: string; position: Position }>;
	connections: Record<string, { main: Array<Array<{ node: string; type: 'main'; index: 0 }>> }>;
	settings: Record<string, unknown>;
}

/** A credential as n8n imports it: with its secrets in plain text. */
export interface StoredCredential {
	id: string;
	name: string;
	type: string;
	data: Record<string, string>;
}

const STEP_PIXELS = 224;

/**
 * A workflow.
 *
 * @param edges names of nodes: which one feeds which; default: each one the one after it
 */
export function workflow(
	name: string,
	nodes: WorkflowNode[],
	edges: Array<[from: string, to: string]> = chain(nodes),
): Workflow {
	const connections: Workflow['connections'] = {};
	for (const [from, to] of edges) {
		const outputs = (connections[from] ??= { main: [[]] });
		outputs.main[0]?.push({ node: to, type: 'main', index: 0 });
	}
	return {
		id: randomUUID().replaceAll('-', '').slice(0, 16),
		name,
		active: false,
		versionId: randomUUID(),
		nodes: nodes.map((node, index) => ({
			position: [index * STEP_PIXELS, 0],
			...node,
			id: randomUUID(),
		})),
		connections,
		settings: { executionOrder: 'v1' },
	};
}

function chain(nodes: WorkflowNode[]): Array<[string, string]> {
	return nodes.slice(1).map((node, index) => [nodes[index]?.name ?? '', node.name]);
}

/** The trigger of `n8n execute` and of the editor's button. */
export function manualTrigger(): WorkflowNode {
	return {
		name: 'When clicking ‘Execute workflow’',
		type: 'n8n-nodes-base.manualTrigger',
		typeVersion: 1,
		parameters: {},
	};
}

/** Answers a POST to `/webhook/<path>` with the items of the workflow's last node. */
export function webhookTrigger(path: string): WorkflowNode {
	return {
		name: 'Webhook',
		type: 'n8n-nodes-base.webhook',
		typeVersion: 2,
		parameters: {
			httpMethod: 'POST',
			path,
			responseMode: 'lastNode',
			responseData: 'allEntries',
			options: {},
		},
		webhookId: randomUUID(),
	};
}

/** Turns every given object into an item. Two nodes, because n8n has no node that does just this. */
export function itemsFrom(objects: object[]): WorkflowNode[] {
	return [
		{
			name: 'List',
			type: 'n8n-nodes-base.set',
			typeVersion: 3.4,
			parameters: { mode: 'raw', jsonOutput: JSON.stringify({ list: objects }), options: {} },
		},
		{
			name: 'Items',
			type: 'n8n-nodes-base.splitOut',
			typeVersion: 1,
			parameters: { fieldToSplitOut: 'list', options: {} },
		},
	];
}

/** Reads a file of the disk into the binary field `data`. */
export function readFile(path: string, name = 'Read Recording'): WorkflowNode {
	return {
		name,
		type: 'n8n-nodes-base.readWriteFile',
		typeVersion: 1,
		parameters: { operation: 'read', fileSelector: path, options: {} },
	};
}

/** The node under test. */
export function whatsAppCall(
	name: string,
	parameters: Parameters,
	credential: StoredCredential,
	extra: Partial<WorkflowNode> = {},
): WorkflowNode {
	return {
		name,
		type: `${PACKAGE_NAME}.whatsAppCall`,
		typeVersion: 1,
		parameters,
		credentials: { [credential.type]: { id: credential.id, name: credential.name } },
		...extra,
	};
}
