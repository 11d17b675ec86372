/** The address of one device: `user@server` is the primary phone, `user:N@server` a companion. */
export interface DeviceJid {
	user: string;
	device: number;
	server: string;
}

/** Digits of a user, an agent that WhatsApp no longer uses, a device number, a server. */
const DEVICE_JID = /^(\d{1,32})(?:_\d{1,3})?(?::(\d{1,5}))?@([a-z.]{1,20})$/;

/** Reads the address of a device; undefined for anything else (groups, servers, nonsense). */
export function parseDeviceJid(text: string | undefined): DeviceJid | undefined {
	const match = DEVICE_JID.exec(text ?? '');
	const [, user, device = '0', server] = match ?? [];
	if (user === undefined || server === undefined) {
		return undefined;
	}
	return { user, device: Number(device), server };
}

/** Device 0 is written without `:0` in stanzas (protocol page 01, glossary). */
export function formatDeviceJid({ user, device, server }: DeviceJid): string {
	return device === 0 ? `${user}@${server}` : `${user}:${device}@${server}`;
}

/** The same address as stanzas write it, or undefined where it is none. */
export function normalizeDeviceJid(text: string | undefined): string | undefined {
	const jid = parseDeviceJid(text);
	return jid === undefined ? undefined : formatDeviceJid(jid);
}

/** The account that a device belongs to: `user@server`. */
export function accountOf(text: string | undefined): string | undefined {
	const jid = parseDeviceJid(text);
	return jid === undefined ? undefined : formatDeviceJid({ ...jid, device: 0 });
}

/** Whether this is the hidden id of a person or of one of their devices. Hosted ids are not. */
export function isLid(text: string | undefined): boolean {
	return parseDeviceJid(text)?.server === 'lid';
}
