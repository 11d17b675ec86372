import { ExecutionBaseError, NodeApiError, NodeOperationError, type INode } from 'n8n-workflow';
import { CallError, ERRORS } from '../../common/errors';

/** The code of n8n's own errors: an expression that fails, a credential that is not set. */
export const N8N_CODE = 'N8N_ERROR';
/** The code of everything else: a fault in this package. */
export const UNKNOWN_CODE = 'UNKNOWN';

export function codeOf(error: unknown): string {
	if (error instanceof CallError) {
		return error.code;
	}
	return error instanceof ExecutionBaseError ? N8N_CODE : UNKNOWN_CODE;
}

export function messageOf(error: unknown): string {
	return error instanceof Error ? error.message : 'Something unexpected was thrown';
}

/**
 * The error as n8n shows it: what happened, what to do, and for which item. The original is not
 * passed along, since errors of HTTP clients hold the request with its token.
 */
export function toNodeError(
	node: INode,
	error: unknown,
	itemIndex: number,
): NodeApiError | NodeOperationError {
	const message = messageOf(error);
	const description = hintOf(error);
	const fromService = error instanceof CallError && ERRORS[error.code].cause === 'service';
	const nodeError = fromService
		? new NodeApiError(
				node,
				{ message },
				{ message, description, itemIndex, httpCode: error.httpStatus?.toString() },
			)
		: new NodeOperationError(node, message, { description, itemIndex });
	nodeError.context.code = codeOf(error);
	return nodeError;
}

function hintOf(error: unknown): string | undefined {
	if (error instanceof CallError) {
		return error.hint;
	}
	return error instanceof ExecutionBaseError
		? (error.description ?? undefined)
		: 'This is a fault of the node itself. Please report it with the steps that lead to it.';
}
