import type { IDataObject } from 'n8n-workflow';
import { subscriptionRequest } from '../../../../nodes/WhatsAppCall/connections/eventSubscription';

const answer = (status: number, json?: IDataObject) => ({ status, json, headers: {}, text: '' });
const body = (status: number, json?: IDataObject) =>
	subscriptionRequest('main', answer(status, json))?.body;

test.each<[string, number, IDataObject | undefined, IDataObject | undefined]>([
	['never configured', 404, { success: false }, { enabled: true, events: ['call.update'] }],
	['a shape that is not understood', 200, { success: true, channel: 'on' }, { enabled: true }],
	['an error', 500, undefined, { enabled: true }],
	['carries calls', 200, { websocket: { enabled: true, events: ['call.update'] } }, undefined],
	['carries everything', 200, { data: { enabled: true, events: [] } }, undefined],
	['carries everything, unsaid', 200, { enabled: true }, undefined],
	[
		'switched off',
		200,
		{ enabled: false, events: ['call.update'] },
		{ enabled: true, events: ['call.update'] },
	],
	['switched off, unsaid events', 200, { enabled: false }, { enabled: true }],
	[
		'carries other events',
		200,
		{ config: { enabled: true, events: ['label.update'], mediaBase64: false } },
		{ enabled: true, events: ['label.update', 'call.update'], mediaBase64: false },
	],
])('an event channel that is %s', (_name, status, json, expected) => {
	expect(body(status, json)).toEqual(expected);
});
