import type { IBinaryKeyData, IDataObject, IExecuteFunctions, INodeProperties } from 'n8n-workflow';
import type { Connection, OperationName } from '../connections/connection';

/** What an operation gets for one item. It knows no transport. */
export interface OperationContext {
	functions: IExecuteFunctions;
	itemIndex: number;
	/** The "Options" collection as the user filled it. */
	options: IDataObject;
	connection: Connection;
}

/** What an operation makes of one item. */
export interface OperationResult {
	json: object;
	/** Files, by the name of their binary field. */
	binary?: IBinaryKeyData;
}

/** One operation of the node: its fields, and what it does with one item. */
export interface Operation {
	/** The method of the connection that carries it out. */
	name: OperationName;
	fields: INodeProperties[];
	/** @throws CallError */
	execute(context: OperationContext): Promise<OperationResult>;
}
