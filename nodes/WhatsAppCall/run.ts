import type { IDataObject, IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';
import type { Clock } from '../../common/clock';
import { openConnection } from './connections';
import { codeOf, messageOf, toNodeError } from './nodeError';
import { findOperation } from './operations';
import { numberOption } from './options';

const MILLISECONDS_PER_SECOND = 1000;

/**
 * Runs the node: one item after the other, with the pause that the user wants between them. With
 * "continue on fail", an item that fails becomes `{ error, code }`. A cancelled execution stops
 * before its next item.
 */
export async function run(
	functions: IExecuteFunctions,
	clock: Clock,
): Promise<INodeExecutionData[][]> {
	const signal = functions.getExecutionCancelSignal();
	const itemCount = functions.getInputData().length;
	const results: INodeExecutionData[] = [];
	warnOfRetries(functions);
	for (let itemIndex = 0; itemIndex < itemCount && signal?.aborted !== true; itemIndex++) {
		let pauseSeconds = 0;
		try {
			const options = functions.getNodeParameter('options', itemIndex, {}) as IDataObject;
			pauseSeconds = numberOption(options, 'pauseBetweenCallsSeconds');
			const result = await runItem(functions, clock, signal, itemIndex, options);
			results.push({ ...result, pairedItem: { item: itemIndex } });
		} catch (error) {
			if (!functions.continueOnFail()) {
				throw toNodeError(functions.getNode(), error, itemIndex);
			}
			results.push(failedItem(functions, error, itemIndex));
		}
		if (pauseSeconds > 0 && itemIndex + 1 < itemCount) {
			await clock.sleep(pauseSeconds * MILLISECONDS_PER_SECOND, signal);
		}
	}
	return [results];
}

/** n8n's own setting runs the whole node again, and with it the calls that went through. */
function warnOfRetries(functions: IExecuteFunctions): void {
	if (functions.getNode().retryOnFail === true) {
		functions.addExecutionHints({
			message:
				'"Retry On Fail" is on in the settings of this node: when one item fails, n8n calls everybody again. Switch it off.',
			location: 'outputPane',
		});
	}
}

/**
 * The item of a failure. n8n sends an item to the error output when it has a property `error`, and
 * then replaces its JSON by the bare message; it copies the item in between, so that a property
 * which is not enumerable marks the item and leaves the code where the user can read it.
 */
function failedItem(
	functions: IExecuteFunctions,
	error: unknown,
	itemIndex: number,
): INodeExecutionData {
	const item: INodeExecutionData = {
		json: { error: messageOf(error), code: codeOf(error) },
		pairedItem: { item: itemIndex },
	};
	if (functions.getNode().onError === 'continueErrorOutput') {
		Object.defineProperty(item, 'error', {
			value: toNodeError(functions.getNode(), error, itemIndex),
			enumerable: false,
		});
	}
	return item;
}

async function runItem(
	functions: IExecuteFunctions,
	clock: Clock,
	signal: AbortSignal | undefined,
	itemIndex: number,
	options: IDataObject,
): Promise<INodeExecutionData> {
	const operation = findOperation(
		functions.getNodeParameter('resource', itemIndex) as string,
		functions.getNodeParameter('operation', itemIndex) as string,
	);
	const name = functions.getNodeParameter('connection', itemIndex) as string;
	const context = { functions, itemIndex, options, clock, signal };
	const connection = openConnection(name, operation.name, context);
	const { json, binary } = await operation.execute({ functions, itemIndex, options, connection });
	return {
		// What servers add came as JSON.
		json: { ...json, connection: name } as IDataObject,
		...(binary !== undefined && { binary }),
	};
}
