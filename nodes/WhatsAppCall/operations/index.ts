import type { INodeProperties } from 'n8n-workflow';
import { CallError } from '../../../common/errors';
import { connectionField } from '../connections';
import { audioCall } from './audioCall';
import { fakeCall } from './fakeCall';
import { linkDevice } from './linkDevice';
import type { Operation } from './operation';
import { sendVoice } from './sendVoice';
import { logOut, sessionStatus } from './session';

/** Which operation stands behind the node's parameters `resource` and `operation`. */
const OPERATIONS: Readonly<Record<string, Readonly<Record<string, Operation>>>> = {
	call: { audio: audioCall, fake: fakeCall },
	session: { getStatus: sessionStatus, linkDevice, logOut },
	voiceMessage: { send: sendVoice },
};

/** @throws CallError NOT_SUPPORTED */
export function findOperation(resource: string, operation: string): Operation {
	const found = OPERATIONS[resource]?.[operation];
	if (found === undefined) {
		throw new CallError('NOT_SUPPORTED', 'This node has no such operation', {
			hint: 'Choose the resource and the operation again.',
		});
	}
	return found;
}

const resourceField: INodeProperties = {
	displayName: 'Resource',
	name: 'resource',
	type: 'options',
	noDataExpression: true,
	options: [
		{ name: 'Call', value: 'call' },
		{ name: 'Session', value: 'session' },
		{ name: 'Voice Message', value: 'voiceMessage' },
	],
	default: 'call',
};

const callOperationField: INodeProperties = {
	displayName: 'Operation',
	name: 'operation',
	type: 'options',
	noDataExpression: true,
	displayOptions: { show: { resource: ['call'] } },
	options: [
		{
			name: 'Audio',
			value: 'audio',
			action: 'Call and play a recording',
			description: 'Call a number and play a recording to whoever answers',
		},
		{
			name: 'Fake',
			value: 'fake',
			action: 'Ring a phone and hang up',
			description: 'Ring a number for some seconds and hang up: an alert that nobody overlooks',
		},
	],
	default: 'fake',
};

const voiceMessageOperationField: INodeProperties = {
	displayName: 'Operation',
	name: 'operation',
	type: 'options',
	noDataExpression: true,
	displayOptions: { show: { resource: ['voiceMessage'] } },
	options: [
		{
			name: 'Send',
			value: 'send',
			action: 'Send a voice message',
			description: 'Send a voice note to a person, a group or a channel',
		},
	],
	default: 'send',
};

const sessionOperationField: INodeProperties = {
	displayName: 'Operation',
	name: 'operation',
	type: 'options',
	noDataExpression: true,
	displayOptions: { show: { resource: ['session'] } },
	options: [
		{
			name: 'Get Status',
			value: 'getStatus',
			action: 'Get the status of a session',
			description: 'Tell whether the session is linked to a phone and connected',
		},
		{
			name: 'Link Device',
			value: 'linkDevice',
			action: 'Link a device',
			description: 'Link this n8n to a phone, by pairing code or QR code',
		},
		{
			name: 'Log Out',
			value: 'logOut',
			action: 'Log a session out',
			description: 'Remove the linked device from the account and delete its keys',
		},
	],
	default: 'linkDevice',
};

/** All fields of the node, in the order of its panel. */
export const properties: INodeProperties[] = [
	connectionField({ resource: ['call'] }, 'fakeCall'),
	connectionField({ resource: ['session'] }, 'linkDevice'),
	connectionField({ resource: ['voiceMessage'] }, 'sendVoice'),
	resourceField,
	callOperationField,
	sessionOperationField,
	voiceMessageOperationField,
	...fakeCall.fields,
	...audioCall.fields,
	...linkDevice.fields,
	...sendVoice.fields,
];
