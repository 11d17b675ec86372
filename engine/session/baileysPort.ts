import type { IncomingMessage } from 'node:http';
import type { AuthenticationState, Baileys, StoreCodec, WASocket } from './baileysTypes';
import { withLightTimers } from './lightTimers';
import { muteLibsignal, quietLogger } from './quiet';
import type { SessionLogger, SocketPort } from './sessionTypes';

export interface BaileysPortOptions {
	/** The chat WebSocket; WhatsApp's when absent. */
	webSocketUrl?: string;
	/** Public key, 32 bytes, that signs the server's Noise certificate; WhatsApp's when absent. Holds for all sockets of the process. */
	noiseRootKey?: Uint8Array;
	logger: SessionLogger;
	/** Settings for media and the like, passed to every socket. */
	socketOptions?: Partial<Omit<Parameters<Baileys['makeWASocket']>[0], 'auth' | 'logger'>>;
}

/**
 * Sockets of Baileys, quiet and light: nothing is printed, nothing keeps the process alive, no
 * history is asked for, and nobody sees the account online. Baileys is loaded at the first use.
 */
export function baileysPort(options: BaileysPortOptions): SocketPort<WASocket> {
	let loading: Promise<Baileys> | undefined;
	const load = (): Promise<Baileys> => (loading ??= loadBaileys());
	return {
		codec: async () => codecOf(await load()),
		makeSocket: async (auth) => makeSocket(await load(), auth, options),
	};
}

async function loadBaileys(): Promise<Baileys> {
	muteLibsignal();
	return import('@whiskeysockets/baileys');
}

function codecOf({ initAuthCreds, BufferJSON, proto }: Baileys): StoreCodec {
	return {
		initAuthCreds,
		BufferJSON,
		reviveAppStateKey: (value) => proto.Message.AppStateSyncKeyData.fromObject(value),
	};
}

function makeSocket(
	baileys: Baileys,
	auth: AuthenticationState,
	{ webSocketUrl, noiseRootKey, logger, socketOptions }: BaileysPortOptions,
): WASocket {
	if (noiseRootKey !== undefined) {
		// Read at each handshake; Baileys takes it from nowhere else. Protocol page 09.
		baileys.WA_CERT_DETAILS.PUBLIC_KEY = Buffer.from(noiseRootKey);
	}
	return withLightTimers(() => {
		// The store reads quickly and writes together: Baileys' cache of keys would only queue writes.
		const socket = baileys.makeWASocket({
			markOnlineOnConnect: false,
			syncFullHistory: false,
			shouldSyncHistoryMessage: () => false,
			// The store is a local file: what it refuses now it refuses in half a minute as well.
			transactionOpts: { maxCommitRetries: 2, delayBetweenTriesMs: 100 },
			...socketOptions,
			...(webSocketUrl === undefined ? {} : { waWebSocketUrl: webSocketUrl }),
			auth,
			logger: quietLogger(logger),
		});
		socket.ws.on('upgrade', (response: IncomingMessage) => {
			response.socket.unref();
		});
		return socket;
	});
}
