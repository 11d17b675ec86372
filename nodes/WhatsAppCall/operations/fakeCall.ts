import { requireCallable } from '../../../common/address';
import { CallError } from '../../../common/errors';
import { printable } from '../../../common/text';
import { connectionOptions } from '../connections';
import { optionsField } from '../options';
import { readRecipient, recipientField } from './fields/recipient';
import type { Operation } from './operation';

const showOnlyForFakeCall = { resource: ['call'], operation: ['fake'] };

/** RyzeAPI's own default; 0 and nothing mean it too. */
const DEFAULT_RING_SECONDS = 8;
const LONGEST_RING_SECONDS = 60;

/** Rings a phone for some seconds and hangs up. */
export const fakeCall: Operation = {
	name: 'fakeCall',
	fields: [
		recipientField(
			showOnlyForFakeCall,
			'e.g. +55 11 99999-9999',
			'Number with country code, or a WhatsApp address (…@s.whatsapp.net, …@c.us)',
		),
		{
			displayName: 'Ring Duration (Seconds)',
			name: 'ringDurationSeconds',
			type: 'number',
			typeOptions: { minValue: 0, maxValue: LONGEST_RING_SECONDS, numberPrecision: 0 },
			default: DEFAULT_RING_SECONDS,
			description: 'How long the phone rings before the call hangs up: 1 to 60, and 0 means 8',
			displayOptions: { show: showOnlyForFakeCall },
		},
		optionsField(showOnlyForFakeCall, connectionOptions('fakeCall')),
	],
	async execute(context) {
		const { functions, itemIndex, connection } = context;
		const to = requireCallable(readRecipient(context));
		const ringSeconds = readRingSeconds(
			functions.getNodeParameter('ringDurationSeconds', itemIndex, DEFAULT_RING_SECONDS),
		);
		return { json: await connection.fakeCall({ to, ringSeconds }) };
	},
};

/** @throws CallError INVALID_DURATION */
function readRingSeconds(input: unknown): number {
	if (input === undefined || input === null || input === '') {
		return DEFAULT_RING_SECONDS;
	}
	const seconds = typeof input === 'string' ? Number(input) : input;
	if (
		typeof seconds !== 'number' ||
		!Number.isInteger(seconds) ||
		seconds < 0 ||
		seconds > LONGEST_RING_SECONDS
	) {
		throw new CallError(
			'INVALID_DURATION',
			`A ring duration of ${printable(String(input), 40)} seconds is not possible`,
		);
	}
	return seconds === 0 ? DEFAULT_RING_SECONDS : seconds;
}
