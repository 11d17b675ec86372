import type { IDataObject, INodeProperties } from 'n8n-workflow';
import { CallError } from '../../common/errors';

interface NumberOption {
	displayName: string;
	description: string;
	default: number;
	minimum: number;
	maximum: number;
	unit: 'MB' | 'seconds' | 'times';
	/** No fractions. */
	isWhole?: boolean;
}

/** Every numeric entry of the "Options" collections; the name says the unit. */
const NUMBER_OPTIONS = {
	maximumAudioSizeMb: {
		displayName: 'Maximum Audio Size (MB)',
		description:
			'The largest file or base64 text that is sent, in megabytes. A larger one is refused before anything is sent. Does not apply to URLs that a server fetches itself.',
		default: 16,
		minimum: 1,
		maximum: 256,
		unit: 'MB',
	},
	pauseBetweenCallsSeconds: {
		displayName: 'Pause Between Calls (Seconds)',
		description: 'How long to wait after an item before the next one begins',
		default: 0,
		minimum: 0,
		maximum: 3600,
		unit: 'seconds',
	},
	pauseBetweenRepeatsSeconds: {
		displayName: 'Pause Between Repeats (Seconds)',
		description: 'With Repeat: how long the line is silent between two rounds of the recording',
		default: 1,
		minimum: 0,
		maximum: 60,
		unit: 'seconds',
	},
	repeatTimes: {
		displayName: 'Repeat (Times)',
		description: 'How often the recording is played, one round after the other',
		default: 1,
		minimum: 1,
		maximum: 20,
		unit: 'times',
		isWhole: true,
	},
	ringAtMostSeconds: {
		displayName: 'Ring At Most (Seconds)',
		description:
			'How long the phone rings before the call gives up. Phones give up by themselves after about 45 seconds.',
		default: 45,
		minimum: 5,
		maximum: 60,
		unit: 'seconds',
	},
	stayOnLineSeconds: {
		displayName: 'Stay on the Line (Seconds)',
		description:
			'With After Playing set to Stay on the Line: how long the call goes on in silence after the recording',
		default: 10,
		minimum: 1,
		maximum: 600,
		unit: 'seconds',
	},
	timeoutSeconds: {
		displayName: 'Timeout (Seconds)',
		description:
			'How long to wait for an answer from the server. After a timeout the request is not repeated, since the call or message may have been placed.',
		default: 60,
		minimum: 1,
		maximum: 600,
		unit: 'seconds',
	},
	waitAtMostSeconds: {
		displayName: 'Wait At Most (Seconds)',
		description:
			'With Wait for Outcome: how long to wait for the end of the call. After that the item tells what is known so far.',
		default: 120,
		minimum: 1,
		maximum: 3600,
		unit: 'seconds',
	},
	waitWhenRateLimitedSeconds: {
		displayName: 'Wait When Rate-Limited (Seconds)',
		description:
			'How long to wait, at most, when the server says that there were too many requests. It did not carry out the request then, so asking again is safe. 0 fails at once.',
		default: 60,
		minimum: 0,
		maximum: 3600,
		unit: 'seconds',
	},
} as const satisfies Record<string, NumberOption>;

export type NumberOptionName = keyof typeof NUMBER_OPTIONS;

/** What is different about an option with one connection. */
export type NumberOptionChanges = Partial<Pick<NumberOption, 'default' | 'description'>>;

/** The field of a numeric option, for an "Options" collection. */
export function numberOptionField(
	name: NumberOptionName,
	changes: NumberOptionChanges = {},
): INodeProperties {
	const option: NumberOption = { ...NUMBER_OPTIONS[name], ...changes };
	const { displayName, description, default: initial, minimum, maximum } = option;
	return {
		displayName,
		name,
		type: 'number',
		typeOptions: { minValue: minimum, maxValue: maximum },
		default: initial,
		description,
	};
}

/**
 * The value of a numeric option in the unit of its name; its default when the user did not add it.
 *
 * @throws CallError INVALID_OPTION
 */
export function numberOption(
	options: IDataObject,
	name: NumberOptionName,
	changes: NumberOptionChanges = {},
): number {
	const option: NumberOption = { ...NUMBER_OPTIONS[name], ...changes };
	const given = options[name];
	if (given === undefined || given === null || given === '') {
		return option.default;
	}
	const value = typeof given === 'string' ? Number(given) : given;
	const isWithin = typeof value === 'number' && value >= option.minimum && value <= option.maximum;
	if (!isWithin || (option.isWhole === true && !Number.isInteger(value))) {
		throw new CallError(
			'INVALID_OPTION',
			`The option "${option.displayName}" must be a ${option.isWhole === true ? 'whole ' : ''}number from ${option.minimum} to ${option.maximum} ${option.unit}`,
		);
	}
	return value;
}

/** An operation's "Options" collection, its entries in alphabetical order. */
export function optionsField(
	show: Record<string, string[]>,
	entries: INodeProperties[],
): INodeProperties {
	return {
		displayName: 'Options',
		name: 'options',
		type: 'collection',
		placeholder: 'Add option',
		default: {},
		displayOptions: { show },
		options: entries.sort((a, b) => a.displayName.localeCompare(b.displayName)),
	};
}
