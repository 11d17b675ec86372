/** An address on the wire: `user[:device]@server`. Device 0 is written without `:0` (page 01). */
export interface Jid {
	user: string;
	device: number;
	server: string;
}

/** Reads an address; undefined when it is none. */
export function parseJid(text: string | undefined): Jid | undefined {
	const match = /^([^@:]+)(?::(\d+))?@(.+)$/.exec(text ?? '');
	if (!match) return undefined;
	const [, user, device, server] = match;
	return { user: user ?? '', device: Number(device ?? 0), server: server ?? '' };
}

/** Whether the address names a device explicitly (`:N`). */
export function namesDevice(text: string): boolean {
	return /^[^@]+:\d+@/.test(text);
}

/** `user[:device]@s.whatsapp.net` */
export function phoneJid(number: string, device = 0): string {
	return `${number}${device === 0 ? '' : `:${device}`}@s.whatsapp.net`;
}

/** `user[:device]@lid` */
export function lidJid(lid: string, device = 0): string {
	return `${lid}${device === 0 ? '' : `:${device}`}@lid`;
}
