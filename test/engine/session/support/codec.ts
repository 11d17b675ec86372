import { randomBytes } from 'node:crypto';
import type {
	AuthenticationCreds,
	Baileys,
	StoreCodec,
} from '../../../../engine/session/baileysTypes';

/** What the store needs of Baileys, without loading it. */
export const plainCodec: StoreCodec = {
	initAuthCreds: freshCreds,
	BufferJSON: {
		replacer: (_key: string, value: unknown) =>
			value instanceof Uint8Array || isBufferJson(value)
				? {
						type: 'Buffer',
						data: Buffer.from(isBufferJson(value) ? value.data : value).toString('base64'),
					}
				: value,
		reviver: (_key: string, value: unknown) =>
			isBufferJson(value) && typeof value.data === 'string'
				? Buffer.from(value.data, 'base64')
				: value,
	} as Baileys['BufferJSON'],
	reviveAppStateKey: (value) => ({ ...value, revived: true }),
};

function isBufferJson(value: unknown): value is { type: 'Buffer'; data: Uint8Array } {
	return typeof value === 'object' && value !== null && 'type' in value && value.type === 'Buffer';
}

function pair(): { public: Uint8Array; private: Uint8Array } {
	return { public: randomBytes(32), private: randomBytes(32) };
}

export function freshCreds(): AuthenticationCreds {
	return {
		noiseKey: pair(),
		pairingEphemeralKeyPair: pair(),
		signedIdentityKey: pair(),
		signedPreKey: { keyPair: pair(), signature: randomBytes(64), keyId: 1 },
		registrationId: 7,
		advSecretKey: randomBytes(32).toString('base64'),
		processedHistoryMessages: [],
		nextPreKeyId: 1,
		firstUnuploadedPreKeyId: 1,
		accountSyncCounter: 0,
		accountSettings: { unarchiveChats: false },
		registered: false,
		pairingCode: undefined,
		lastPropHash: undefined,
		routingInfo: undefined,
	};
}

/** What `creds` has when a phone accepted the device. */
export const LINKED: Partial<AuthenticationCreds> = {
	me: { id: '5511999999999:7@s.whatsapp.net', lid: '123456789:7@lid', name: 'Test' },
	account: { details: Buffer.from('details') },
	platform: 'android',
};
