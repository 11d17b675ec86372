import type { INodeProperties } from 'n8n-workflow';
import { parseAddress, type Address } from '../../../../common/address';
import type { OperationContext } from '../operation';

/** The field "To"; `accepts` says which addresses this operation can reach. */
export function recipientField(
	show: Record<string, string[]>,
	placeholder: string,
	accepts: string,
): INodeProperties {
	return {
		displayName: 'To',
		name: 'to',
		type: 'string',
		required: true,
		default: '',
		placeholder,
		description: accepts,
		displayOptions: { show },
	};
}

/** @throws CallError INVALID_NUMBER */
export function readRecipient({ functions, itemIndex }: OperationContext): Address {
	return parseAddress(functions.getNodeParameter('to', itemIndex, ''));
}
