import { ExecutionLifecycleHooks, WorkflowExecute } from 'n8n-core';
import {
	ICredentialsHelper,
	Workflow,
	type ICredentialDataDecryptedObject,
	type ICredentialType,
	type IDataObject,
	type IHttpRequestOptions,
	type INode,
	type INodeExecutionData,
	type INodeParameters,
	type INodeType,
	type INodeTypes,
	type IRun,
	type IWorkflowExecuteAdditionalData,
	type NodeExecutionHint,
} from 'n8n-workflow';
import { systemClock, type Clock } from '../../common/clock';
import { RyzeApi } from '../../credentials/RyzeApi.credentials';
import { WawpApi } from '../../credentials/WawpApi.credentials';
import { WhatsAppSession } from '../../credentials/WhatsAppSession.credentials';
import { run } from '../../nodes/WhatsAppCall/run';
import { WhatsAppCall } from '../../nodes/WhatsAppCall/WhatsAppCall.node';

export interface NodeRun {
	parameters: INodeParameters;
	/** The fields of a credential by its name. */
	credentials?: Record<string, ICredentialDataDecryptedObject>;
	/** What the previous node gives. One empty item when absent. */
	items?: INodeExecutionData[];
	onError?: INode['onError'];
	/** n8n's setting "Retry On Fail". */
	retryOnFail?: boolean;
	clock?: Clock;
	/** Called with a function that cancels the execution. */
	onStart?: (cancel: () => void) => void;
	/** Leave out the text of everything stored: for files so large that it would count. */
	summary?: boolean;
	/** The node to run. The sources when absent; the demo runs the built one. */
	nodeType?: INodeType;
}

export interface NodeResult {
	/** Items of the first output. */
	items: INodeExecutionData[];
	/** Items of the error output. */
	errorItems: INodeExecutionData[];
	/** What the node threw, as n8n shows it. */
	error: ShownError | undefined;
	hints: NodeExecutionHint[];
	/** Everything that the execution would store, as text. Empty with `summary`. */
	stored: string;
}

export interface ShownError {
	name: string;
	message: string;
	description: string | undefined;
	httpCode: string | null | undefined;
	context: IDataObject;
}

const NODE_NAME = 'WhatsApp Call';

/** Runs the node in n8n's own execution engine, behind a node that gives `items`. */
export async function runNode(options: NodeRun): Promise<NodeResult> {
	const { credentials = {}, clock = systemClock, onError } = options;
	const nodeType = options.nodeType ?? withClock(new WhatsAppCall(), clock);
	const workflow = new Workflow({
		id: 'test',
		active: false,
		nodeTypes: nodeTypes(nodeType, options.items ?? [{ json: {} }]),
		nodes: [
			node('Start', 'test.start', {}),
			{
				...node(NODE_NAME, 'test.whatsAppCall', options.parameters),
				onError,
				retryOnFail: options.retryOnFail,
				credentials: Object.fromEntries(
					Object.keys(credentials).map((name) => [name, { id: name, name }]),
				),
			},
		],
		connections: { Start: { main: [[{ node: NODE_NAME, type: 'main', index: 0 }]] } },
	});
	const execution = new WorkflowExecute(
		additionalData(new TestCredentials(credentials)),
		'manual',
	).run(workflow, workflow.getNode('Start') ?? undefined);
	options.onStart?.(() => execution.cancel());
	return resultOf(await execution, options.summary === true);
}

function withClock(node: WhatsAppCall, clock: Clock): INodeType {
	return {
		description: node.description,
		methods: node.methods,
		async execute() {
			return await run(this, clock);
		},
	};
}

function node(name: string, type: string, parameters: INodeParameters): INode {
	return { id: name, name, type, typeVersion: 1, position: [0, 0], parameters };
}

function nodeTypes(whatsAppCall: INodeType, items: INodeExecutionData[]): INodeTypes {
	const start: INodeType = {
		description: {
			displayName: 'Start',
			name: 'start',
			group: ['trigger'],
			version: 1,
			description: '',
			defaults: {},
			inputs: [],
			outputs: ['main'],
			properties: [],
		},
		execute: async () => [items],
	};
	const byName: Record<string, INodeType> = {
		'test.start': start,
		'test.whatsAppCall': whatsAppCall,
	};
	const find = (name: string) => byName[name] as INodeType;
	return { getByName: find, getByNameAndVersion: find, getKnownTypes: () => ({}) };
}

function additionalData(credentialsHelper: ICredentialsHelper): IWorkflowExecuteAdditionalData {
	const workflowData = {
		id: 'test',
		name: 'test',
		active: false,
		isArchived: false,
		activeVersionId: null,
		createdAt: new Date(0),
		updatedAt: new Date(0),
		nodes: [],
		connections: {},
	};
	return {
		credentialsHelper,
		hooks: new ExecutionLifecycleHooks('manual', 'execution', workflowData),
		executionId: 'execution',
		currentNodeExecutionIndex: 0,
		restApiUrl: '',
		instanceBaseUrl: '',
		formWaitingBaseUrl: '',
		webhookBaseUrl: '',
		webhookWaitingBaseUrl: '',
		webhookTestBaseUrl: '',
		variables: {},
	} as unknown as IWorkflowExecuteAdditionalData;
}

function resultOf(execution: IRun, summary: boolean): NodeResult {
	const [task] = execution.data.resultData.runData[NODE_NAME] ?? [];
	const outputs = task?.data?.main ?? [];
	return {
		items: outputs[0] ?? [],
		errorItems: outputs[1] ?? [],
		error: task?.error as unknown as ShownError | undefined,
		hints: task?.hints ?? [],
		stored: summary ? '' : JSON.stringify(execution.data),
	};
}

/** n8n's credentials without its database: the same two ways to authenticate a request. */
class TestCredentials extends ICredentialsHelper {
	private readonly types: Record<string, ICredentialType> = {
		ryzeApi: new RyzeApi(),
		wawpApi: new WawpApi(),
		whatsAppSession: new WhatsAppSession(),
	};

	constructor(private readonly data: Record<string, ICredentialDataDecryptedObject>) {
		super();
	}

	getParentTypes(): string[] {
		return [];
	}

	async authenticate(
		credentials: ICredentialDataDecryptedObject,
		typeName: string,
		requestOptions: IHttpRequestOptions,
	): Promise<IHttpRequestOptions> {
		const { authenticate } = this.types[typeName] ?? {};
		if (typeof authenticate === 'function') {
			return await authenticate(credentials, requestOptions);
		}
		const headers = authenticate?.properties.headers ?? {};
		for (const [name, template] of Object.entries(headers)) {
			requestOptions.headers = {
				...requestOptions.headers,
				[name]: resolve(String(template), credentials),
			};
		}
		return requestOptions;
	}

	async preAuthentication(): Promise<undefined> {
		return undefined;
	}

	async getDecrypted(
		_additionalData: unknown,
		_node: unknown,
		type: string,
	): Promise<ICredentialDataDecryptedObject> {
		return { ...this.data[type] };
	}

	async getCredentials(): Promise<never> {
		throw new Error('not used by nodes');
	}

	async updateCredentials(): Promise<void> {}

	async updateCredentialsOauthTokenData(): Promise<void> {}

	getCredentialsProperties(): [] {
		return [];
	}
}

/** Resolves the one form of expression that our credentials use. */
function resolve(template: string, credentials: ICredentialDataDecryptedObject): string {
	const field = /^=\{\{\$credentials\.(\w+)\.trim\(\)\}\}$/.exec(template)?.[1];
	if (field === undefined) {
		throw new Error(`The test does not know the expression ${template}`);
	}
	return String(credentials[field]).trim();
}
