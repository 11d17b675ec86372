import type { INodeProperties } from 'n8n-workflow';
import { CallError } from '../../../common/errors';
import type {
	Connection,
	ConnectionContext,
	ConnectionDefinition,
	OperationName,
} from './connection';
import { embedded } from './embedded';
import { ryzeApi } from './ryzeApi';
import { voiceApi } from './voiceApi';

const CONNECTIONS: readonly ConnectionDefinition[] = [embedded, ryzeApi, voiceApi];

/** The connections that can carry out an operation, in the order of the list. */
function connectionsFor(operation: OperationName): ConnectionDefinition[] {
	return CONNECTIONS.filter(({ supports }) => supports.includes(operation));
}

/**
 * The connection of that name, if it can carry out the operation.
 *
 * @returns a connection with the method of that operation, whatever else it has
 * @throws CallError NOT_SUPPORTED, naming the connections that can
 */
export function openConnection(
	name: string,
	operation: OperationName,
	context: ConnectionContext,
): Connection {
	const able = connectionsFor(operation);
	const found = able.find((connection) => connection.name === name);
	if (found === undefined) {
		const displayName =
			CONNECTIONS.find((connection) => connection.name === name)?.displayName ?? name;
		throw new CallError(
			'NOT_SUPPORTED',
			`The connection "${displayName}" cannot do this operation`,
			{
				hint: `Choose another connection in this node: ${able.map((one) => one.displayName).join(' or ')}.`,
			},
		);
	}
	return found.open(context) as Connection;
}

/** The node's parameter "Connection", with the connections that can carry out an operation. */
export function connectionField(
	show: Record<string, string[]>,
	operation: OperationName,
): INodeProperties {
	const able = connectionsFor(operation);
	const initial = able.some(({ name }) => name === 'ryzeApi') ? 'ryzeApi' : (able[0]?.name ?? '');
	return {
		displayName: 'Connection',
		name: 'connection',
		type: 'options',
		noDataExpression: true,
		displayOptions: { show },
		options: able
			.map(({ displayName, name, description }) => ({
				name: displayName,
				value: name,
				description,
			}))
			.sort((a, b) => a.name.localeCompare(b.name)),
		default: initial,
		description: 'How WhatsApp is reached',
	};
}

/** What the connections add to an operation's "Options", each shown with its connection only. */
export function connectionOptions(operation: OperationName): INodeProperties[] {
	return connectionsFor(operation).flatMap((connection) =>
		connection.options(operation).map((option) => ({
			...option,
			displayOptions: {
				...option.displayOptions,
				show: { ...option.displayOptions?.show, '/connection': [connection.name] },
			},
		})),
	);
}
