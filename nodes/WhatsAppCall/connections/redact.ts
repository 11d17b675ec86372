import type { IDataObject } from 'n8n-workflow';
import { withoutSecrets } from '../../../common/text';

/**
 * A copy of a server's answer in which no text holds one of `secrets`: what a server sends back
 * becomes a node's output, and outputs are stored and shown to everybody who may see the workflow.
 */
export function redacted(
	answer: IDataObject | undefined,
	secrets: readonly string[],
): IDataObject | undefined {
	return copy(answer, secrets) as IDataObject | undefined;
}

function copy(value: unknown, secrets: readonly string[]): unknown {
	if (typeof value === 'string') {
		return withoutSecrets(value, secrets);
	}
	if (Array.isArray(value)) {
		return value.map((entry) => copy(entry, secrets));
	}
	if (typeof value === 'object' && value !== null) {
		return Object.fromEntries(
			Object.entries(value).map(([key, entry]) => [key, copy(entry, secrets)]),
		);
	}
	return value;
}
