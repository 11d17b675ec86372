import { EventEmitter } from 'node:events';
import type {
	AuthenticationState,
	BaileysEventMap,
	ConnectionState,
} from '../../../../engine/session/baileysTypes';
import type { SessionSocket, SocketPort } from '../../../../engine/session/sessionTypes';
import { LINKED, plainCodec } from './codec';

/** A socket that does what the test says. */
export class FakeSocket implements SessionSocket {
	ended = false;
	/** Whether it says goodbye when it is told to. */
	polite = true;
	readonly ev: SessionSocket['ev'];
	private readonly events = new EventEmitter();

	constructor(readonly auth: AuthenticationState) {
		this.ev = {
			on: <E extends keyof BaileysEventMap>(
				event: E,
				listener: (data: BaileysEventMap[E]) => void,
			) => {
				this.events.on(event, listener);
			},
		};
	}

	update(update: Partial<ConnectionState>): void {
		this.events.emit('connection.update', update);
	}

	open(): void {
		this.update({ connection: 'open' });
	}

	/** Ends with a number of WhatsApp's. */
	fail(statusCode: number, message = 'Stream Errored'): void {
		this.ended = true;
		const error = Object.assign(new Error(message), { output: { statusCode } });
		this.update({
			connection: 'close',
			lastDisconnect: { error: error as unknown as Error, date: new Date() },
		});
	}

	/** A phone accepts the device; WhatsApp asks for a restart then. */
	pair(): void {
		this.events.emit('creds.update', LINKED);
		this.update({ isNewLogin: true });
		this.fail(515);
	}

	end(): void {
		if (!this.ended) {
			this.ended = true;
			if (this.polite) {
				this.update({ connection: 'close' });
			}
		}
	}

	logout(): Promise<void> {
		this.fail(401, 'Intentional Logout');
		return Promise.resolve();
	}

	requestPairingCode(number: string): Promise<string> {
		this.auth.creds.me = { id: `${number}@s.whatsapp.net` };
		return Promise.resolve('ABCD1234');
	}
}

/** Keeps the sockets that were made, and what happens to each at once. */
export class FakePort implements SocketPort<FakeSocket> {
	readonly sockets: FakeSocket[] = [];
	onSocket: (socket: FakeSocket) => void = () => undefined;

	codec(): Promise<typeof plainCodec> {
		return Promise.resolve(plainCodec);
	}

	makeSocket(auth: AuthenticationState): FakeSocket {
		const socket = new FakeSocket(auth);
		this.sockets.push(socket);
		// Sockets never answer before their maker has returned.
		setImmediate(() => this.onSocket(socket));
		return socket;
	}

	get last(): FakeSocket {
		const socket = this.sockets.at(-1);
		if (socket === undefined) {
			throw new Error('No socket was made');
		}
		return socket;
	}
}
