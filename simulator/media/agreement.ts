import type { SoundCodec } from './opus';

/** Of a capability: the byte that holds bit 31, MLow (page 02 section 4). */
const MLOW_BYTE = 5;
const MLOW_BIT = 0x80;

/** Whether this capability names MLow. */
export function namesMlow(capability: Buffer | undefined): boolean {
	return ((capability?.[MLOW_BYTE] ?? 0) & MLOW_BIT) !== 0;
}

/** The same capability without MLow. */
export function withoutMlow(capability: Buffer): Buffer {
	const own = Buffer.from(capability);
	own.writeUInt8(own.readUInt8(MLOW_BYTE) & ~MLOW_BIT, MLOW_BYTE);
	return own;
}

/** What the two sides of a call say of MLow. */
export interface MlowSaid {
	caller: boolean;
	phone: boolean;
}

/** What a phone speaks: MLow where both name it, else plain Opus (page 05 section 3). */
export function spokenBy({ caller, phone }: MlowSaid): SoundCodec {
	return caller && phone ? 'mlow' : 'opus';
}

/**
 * What the decoder of a phone reads. Where both sides name MLow, that and Opus dressed up for it; a
 * phone without MLow, plain Opus only. What a phone with MLow does when its caller names none is an
 * open question (page 07, Q1): plain Opus or the disguise.
 */
export function heardBy({ caller, phone }: MlowSaid): SoundCodec[] {
	if (!phone) return ['opus'];
	return caller ? ['mlow', 'escape'] : ['opus', 'escape'];
}
