import { randomInt } from 'node:crypto';
import { loadCodecs } from './codecs';
import { Network } from './network';
import { DEFAULT_SETTINGS, type Settings } from './settings';

export type { Fault, FaultKind } from './faults';
export { tone } from './media/phoneMedia';
export type { HeardPacket } from './media/ear';
export type { MediaSeen } from './media/seen';
export type { PhoneMedia } from './media/phoneMedia';
export type { Network, Watcher } from './network';
export type { Phone, PhoneOptions } from './phone/phone';
export type { PhoneScript } from './phone/script';
export type { CallSeen, MessageSeen, PhoneSeen } from './phone/seen';
export { GOOD_CONDITIONS, type RelayConditions } from './relay/conditions';
export type { LinkedCompanion } from './services/linking';
export type { VoiceSeen } from './voice/reader';
export type { Settings } from './settings';

/** Where a network listens, beside its settings. */
export interface NetworkOptions extends Partial<Settings> {
	/** A loopback address; by default one of 127.0.0.0/8 that no other network is likely to have. */
	host?: string;
	/** 0, the default, takes a free one. */
	port?: number;
}

/** Starts a WhatsApp network; it prints nothing, and `close()` leaves nothing. */
export async function startNetwork(options: NetworkOptions = {}): Promise<Network> {
	const { host = loopback(), port = 0, ...settings } = options;
	return Network.start(await loadCodecs(), { ...DEFAULT_SETTINGS, ...settings }, host, port);
}

/** Linux has the whole of 127.0.0.0/8; other systems only know the first address. */
function loopback(): string {
	if (process.platform !== 'linux') return '127.0.0.1';
	return `127.${randomInt(1, 255)}.${randomInt(256)}.${randomInt(1, 255)}`;
}
