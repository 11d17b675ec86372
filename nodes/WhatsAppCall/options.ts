import type { IDataObject, INodeProperties } from 'n8n-workflow';
import { CallError } from '../../common/errors';

interface NumberOption {
	displayName: string;
	description: string;
	default: number;
	minimum: number;
	maximum: number;
	unit: 'MB' | 'seconds';
}

/** Every numeric entry of the "Options" collections; the name says the unit. */
const NUMBER_OPTIONS = {
	maximumAudioSizeMb: {
		displayName: 'Maximum Audio Size (MB)',
		description:
			'The largest file or base64 text that is sent, in megabytes. A larger one is refused before anything is sent. Does not apply to URLs, which the server fetches itself.',
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

/** The field of a numeric option, for an "Options" collection. */
export function numberOptionField(name: NumberOptionName): INodeProperties {
	const { displayName, description, default: initial, minimum, maximum } = NUMBER_OPTIONS[name];
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
export function numberOption(options: IDataObject, name: NumberOptionName): number {
	const option = NUMBER_OPTIONS[name];
	const given = options[name];
	if (given === undefined || given === null || given === '') {
		return option.default;
	}
	const value = typeof given === 'string' ? Number(given) : given;
	if (typeof value !== 'number' || !(value >= option.minimum && value <= option.maximum)) {
		throw new CallError(
			'INVALID_OPTION',
			`The option "${option.displayName}" must be a number from ${option.minimum} to ${option.maximum} ${option.unit}`,
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
