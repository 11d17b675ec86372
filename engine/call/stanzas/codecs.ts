import { inflateSync } from 'node:zlib';
import { attributeOf, bytesOf, type BinaryNode } from './binaryNode';

/** Version and length, then the bitmap (protocol page 02, section 4). */
const CAPABILITY_HEAD_BYTES = 2;
/** Bit 31, counted from the lowest bit of the first byte. */
const MLOW_BYTE = 3;
const MLOW_BIT = 0x80;
/** The settings have a few kilobytes. */
const MAXIMUM_SETTINGS_BYTES = 256 * 1024;

/** Whether a capability claims MLow; undefined where there is none that can be read. */
export function mlowInCapability(capability: Uint8Array | undefined): boolean | undefined {
	const byte = capability?.[CAPABILITY_HEAD_BYTES + MLOW_BYTE];
	return byte === undefined ? undefined : (byte & MLOW_BIT) !== 0;
}

/**
 * Whether `voip_settings` tell an app to send MLow (protocol page 05, section 3): JSON, deflated
 * unless it says otherwise. Never throws; undefined where nothing is said.
 */
export function mlowInSettings(settings: BinaryNode): boolean | undefined {
	const bytes = bytesOf(settings);
	if (bytes === undefined || bytes.length > MAXIMUM_SETTINGS_BYTES) {
		return undefined;
	}
	try {
		const plain = attributeOf(settings, 'uncompressed') === '1' ? bytes : inflated(bytes);
		const { encode } = JSON.parse(Buffer.from(plain).toString('utf8')) as {
			encode?: { use_mlow_codec_v1?: unknown };
		};
		const value = encode?.use_mlow_codec_v1;
		return value === undefined || value === null
			? undefined
			: ['1', 'true', 1, true].includes(value as never);
	} catch {
		return undefined;
	}
}

function inflated(bytes: Uint8Array): Uint8Array {
	return inflateSync(bytes, { maxOutputLength: MAXIMUM_SETTINGS_BYTES });
}
