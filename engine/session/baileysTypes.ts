/** The types of Baileys under one roof: the package is ESM only, and this room is CommonJS. */
export type {
	AuthenticationCreds,
	AuthenticationState,
	BaileysEventMap,
	ConnectionState,
	SignalDataSet,
	SignalDataTypeMap,
	SignalKeyStore,
	WASocket,
} from '@whiskeysockets/baileys' with { 'resolution-mode': 'import' };

/** The package itself, as `await import()` gives it. */
export type Baileys = typeof import('@whiskeysockets/baileys', {
	with: { 'resolution-mode': 'import' }
});

/** What the store needs of it. */
export interface StoreCodec {
	initAuthCreds: Baileys['initAuthCreds'];
	BufferJSON: Baileys['BufferJSON'];
	/** Makes the protobuf object of an app state key out of its JSON. */
	reviveAppStateKey(value: object): object;
}
