import type { SoundCodec } from '../media/opus';

/** What a phone does with calls. Plain data: it also comes over HTTP. Seconds are script seconds. */
export interface PhoneScript {
	/** 'ignore' lets it ring. */
	onCall: 'ignore' | 'answer' | 'decline';
	/** How long it rings before the phone answers or declines. */
	afterSeconds: number;
	/** Which device answers or declines. */
	device: number;
	/** Hangs up so long after it answered; undefined: never. */
	hangUpAfterSeconds?: number;
	/** Devices that say "busy" at once while the others ring. */
	busyDevices: number[];
	/** Devices without network: they get everything when they are back. */
	offlineDevices: number[];
	/** Devices that ring without telling the caller. */
	silentDevices: number[];
	/** Numbers that this account blocked: their calls are acknowledged and never arrive. */
	blocks: string[];
	/** The error code with which the server refuses offers to this account. */
	refuseOffer?: number;
	/** The error code with which the server refuses messages to this account. */
	refuseMessage?: number;
	/** Refuses offers without this account's trusted-contact token, with 463. */
	requiresToken: boolean;
	/** False for a phone that answers and never sends any media. */
	media: boolean;
	/**
	 * How it speaks: MLow, plain Opus, or Opus that is dressed up for MLow decoders. By default MLow
	 * where its capability and that of the caller name it, else plain Opus.
	 */
	speaksCodec?: SoundCodec;
	/**
	 * What its decoder takes: all of the three, or only one. Anything else is a fault. By default, by
	 * the capabilities, what such a phone reads; without MLow, plain Opus only.
	 */
	hears?: 'any' | SoundCodec;
	/** How many copies of the frames before each of its MLow packets carries (RED), 0 to 4. */
	redundancy: number;
	/** Whether its media has the keys of another call: neither side understands the other. */
	wrongKey: boolean;
	/** Whether its capabilities name MLow, bit 31. */
	capabilityMlow: boolean;
	/** What it says right after it answered: a sine, for so many real seconds. */
	speakTone?: { hz: number; seconds: number };
}

const MOST_COPIES = 4;

export const DEFAULT_SCRIPT: PhoneScript = {
	onCall: 'ignore',
	afterSeconds: 0,
	device: 0,
	busyDevices: [],
	offlineDevices: [],
	silentDevices: [],
	blocks: [],
	requiresToken: false,
	media: true,
	redundancy: 0,
	wrongKey: false,
	capabilityMlow: true,
};

const TYPES: { [Field in keyof Required<PhoneScript>]: (value: unknown) => boolean } = {
	onCall: (value) => ['ignore', 'answer', 'decline'].includes(value as string),
	afterSeconds: isNumber,
	device: isNumber,
	hangUpAfterSeconds: isNumber,
	busyDevices: isListOf(isNumber),
	offlineDevices: isListOf(isNumber),
	silentDevices: isListOf(isNumber),
	blocks: isListOf((value) => typeof value === 'string'),
	refuseOffer: isNumber,
	refuseMessage: isNumber,
	requiresToken: isSwitch,
	media: isSwitch,
	speaksCodec: (value) => ['opus', 'escape', 'mlow'].includes(value as string),
	hears: (value) => ['any', 'opus', 'escape', 'mlow'].includes(value as string),
	redundancy: (value) => isNumber(value) && MOST_COPIES >= Number(value),
	wrongKey: isSwitch,
	capabilityMlow: isSwitch,
	speakTone: isTone,
};

/** Reads a script from outside; what it does not name has its default. Throws on what it cannot be. */
export function readScript(value: unknown): PhoneScript {
	if (typeof value !== 'object' || value === null) throw new Error('A script is an object');
	for (const [field, given] of Object.entries(value)) {
		const check = (TYPES as Record<string, ((value: unknown) => boolean) | undefined>)[field];
		if (!check?.(given))
			throw new Error(`The script's ${field} is unknown or not what it should be`);
	}
	return { ...DEFAULT_SCRIPT, ...value };
}

function isNumber(value: unknown): boolean {
	return typeof value === 'number' && value >= 0;
}

function isSwitch(value: unknown): boolean {
	return typeof value === 'boolean';
}

function isTone(value: unknown): boolean {
	if (typeof value !== 'object' || value === null) return false;
	const { hz, seconds } = value as { hz?: unknown; seconds?: unknown };
	return isNumber(hz) && isNumber(seconds);
}

function isListOf(check: (value: unknown) => boolean): (value: unknown) => boolean {
	return (value) => Array.isArray(value) && value.every(check);
}
