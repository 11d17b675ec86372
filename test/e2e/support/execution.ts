/** An item that a node has put out. */
export interface OutputItem {
	json: Record<string, unknown>;
	binary?: Record<string, unknown>;
	pairedItem?: unknown;
}

interface NodeRun {
	data?: { main?: Array<OutputItem[] | null> };
	error?: { message: string; description?: string | null; context?: Record<string, unknown> };
}

/** What n8n tells about a finished execution, as far as the tests look at it. */
export interface Execution {
	data: {
		resultData: {
			runData: Record<string, NodeRun[]>;
			error?: NodeRun['error'];
		};
	};
}

/** The items at a node's only output in its only run. */
export function itemsOf(execution: Execution, node: string): OutputItem[] {
	const [run] = execution.data.resultData.runData[node] ?? [];
	if (!run) throw new Error(`The node "${node}" did not run`);
	const items = run.data?.main?.[0];
	if (!items) throw new Error(`The node "${node}" put nothing out: ${JSON.stringify(run.error)}`);
	return items;
}

/**
 * Finds the execution in the output of `n8n execute`, where log lines may stand before and after
 * it: it begins with a line that is only `{` and ends with the next line that is only `}`.
 */
export function parseExecution(output: string): Execution | undefined {
	for (const [block] of output.matchAll(/^\{$[^]*?^\}$/gm)) {
		const parsed = parseJson(block);
		if (isExecution(parsed)) return parsed;
	}
	return undefined;
}

function parseJson(text: string): unknown {
	try {
		return JSON.parse(text) as unknown;
	} catch {
		return undefined;
	}
}

function isExecution(value: unknown): value is Execution {
	const data = property(value, 'data');
	return typeof property(property(data, 'resultData'), 'runData') === 'object';
}

function property(value: unknown, name: string): unknown {
	return typeof value === 'object' && value !== null && name in value
		? (value as Record<string, unknown>)[name]
		: undefined;
}
