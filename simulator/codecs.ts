import type * as Baileys from '@whiskeysockets/baileys' with { 'resolution-mode': 'import' };

export type { BinaryNode } from '@whiskeysockets/baileys' with { 'resolution-mode': 'import' };

/** Byte codecs of Baileys: binary nodes, protobuf, curve and AES primitives. Nothing of its client. */
export type Codecs = typeof Baileys;

/** Baileys is ESM only; the runtime keeps the loaded module, so that calling this again is free. */
export function loadCodecs(): Promise<Codecs> {
	return import('@whiskeysockets/baileys');
}
