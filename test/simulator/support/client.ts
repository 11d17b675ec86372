import type {
	AuthenticationCreds,
	ConnectionState,
	SignalDataSet,
	SignalDataTypeMap,
	WASocket,
} from '@whiskeysockets/baileys' with { 'resolution-mode': 'import' };
import type { Codecs } from '../../../simulator/codecs';
import type { Network, Phone } from '../../../simulator';

type Update = Partial<ConnectionState>;

/** A logger that keeps still: Baileys only wants these names. */
const SILENT = {
	level: 'silent',
	child: () => SILENT,
	trace: () => undefined,
	debug: () => undefined,
	info: () => undefined,
	warn: () => undefined,
	error: () => undefined,
};

/** Baileys with its keys in memory, as the engine runs it with its keys on disk. */
export class TestClient {
	readonly updates: Update[] = [];
	socket!: WASocket;
	private readonly waiting = new Set<() => void>();
	private readonly keys = new Map<string, unknown>();

	private constructor(
		private readonly baileys: Codecs,
		private readonly network: Network,
		private creds: AuthenticationCreds,
	) {}

	/** A client that is not linked. */
	static async start(network: Network): Promise<TestClient> {
		const baileys = await import('@whiskeysockets/baileys');
		baileys.WA_CERT_DETAILS.PUBLIC_KEY = Buffer.from(network.rootKey, 'hex');
		const client = new TestClient(baileys, network, baileys.initAuthCreds());
		client.connect();
		return client;
	}

	/** A client that is linked to this phone, and online. */
	static async linked(network: Network, phone: Phone): Promise<TestClient> {
		const client = await TestClient.start(network);
		const { qr } = await client.next(({ qr }) => qr !== undefined);
		await phone.scan(qr ?? '');
		await client.restarted();
		return client;
	}

	/** Opens a new socket with the same keys. */
	connect(): void {
		const { makeWASocket } = this.baileys;
		this.socket = makeWASocket({
			waWebSocketUrl: this.network.url,
			auth: { creds: this.creds, keys: this.keyStore() },
			logger: SILENT,
			markOnlineOnConnect: false,
			syncFullHistory: false,
			shouldSyncHistoryMessage: () => false,
			defaultQueryTimeoutMs: 5_000,
		});
		this.socket.ev.on('creds.update', (update) => {
			this.creds = Object.assign(this.creds, update);
		});
		this.socket.ev.on('connection.update', (update) => {
			this.updates.push(update);
			for (const wake of this.waiting) wake();
		});
	}

	/** After the 515 that ends every linking: a new socket, until it is open. */
	async restarted(): Promise<void> {
		await this.closedWith(515);
		this.connect();
		await this.opened();
	}

	async opened(): Promise<void> {
		await this.next(({ receivedPendingNotifications }) => receivedPendingNotifications === true);
		await this.next(({ connection }) => connection === 'open');
	}

	async closedWith(code: number): Promise<void> {
		const update = await this.next(({ connection }) => connection === 'close');
		const error = update.lastDisconnect?.error as { output?: { statusCode?: number } } | undefined;
		expect(error?.output?.statusCode).toBe(code);
		this.updates.length = 0;
	}

	/** The first update like this, past or to come. */
	async next(fits: (update: Update) => boolean): Promise<Update> {
		return eventually(() => this.updates.find(fits), this.waiting);
	}

	async close(): Promise<void> {
		await this.socket.end(undefined);
	}

	private keyStore() {
		return {
			get: <T extends keyof SignalDataTypeMap>(type: T, ids: string[]) => {
				const found: Record<string, SignalDataTypeMap[T]> = {};
				for (const id of ids) {
					const value = this.keys.get(`${type} ${id}`);
					if (value !== undefined) found[id] = value as SignalDataTypeMap[T];
				}
				return Promise.resolve(found);
			},
			set: (data: SignalDataSet) => {
				for (const [type, values] of Object.entries(data)) {
					for (const [id, value] of Object.entries(values)) {
						if (value === null) this.keys.delete(`${type} ${id}`);
						else this.keys.set(`${type} ${id}`, value);
					}
				}
				return Promise.resolve();
			},
		};
	}
}

/** Long enough for a process that starts on a busy machine. */
const GIVE_UP_MS = 30_000;

/** Waits until `read` finds something; looks again whenever `waiting` is woken, and every 10 ms. */
export async function eventually<T>(
	read: () => Promise<T | undefined | false> | T | undefined | false,
	waiting: Set<() => void> = new Set(),
): Promise<T> {
	const giveUp = Date.now() + GIVE_UP_MS;
	for (;;) {
		const found = await read();
		if (found !== undefined && found !== false) return found;
		if (Date.now() > giveUp) throw new Error(`Never came: ${read.toString()}`);
		await new Promise<void>((resolve) => {
			const timer = setTimeout(wake, 10);
			function wake() {
				clearTimeout(timer);
				waiting.delete(wake);
				resolve();
			}
			waiting.add(wake);
		});
	}
}
