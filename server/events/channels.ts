import { once } from 'node:events';
import { WebSocket } from 'ws';

const NORMAL_CLOSURE = 1000;
const GOING_AWAY = 1001;
/** Listeners that answer no ping are gone: proxies and NATs forget silently. */
const PING_INTERVAL_MS = 30_000;
/** For the answer to a close frame. */
const GOODBYE_MS = 1_000;
/** What may wait for a listener that reads slowly; then it is cut off. */
const LONGEST_BACKLOG_BYTES = 1024 * 1024;

/** RyzeAPI's types of events; ours are `call.update` and `instance.state`. */
export const EVENT_TYPES = [
	'message.exchange',
	'message.status',
	'call.update',
	'group.flow',
	'instance.state',
	'label.update',
] as const;
export type EventType = 'call.update' | 'instance.state';

/** An instance as a channel knows it. */
export interface ChannelOwner {
	name: string;
	stored: { token: string; webSocket?: { enabled: boolean; events: readonly string[] } };
}

/** Who listens to the events of which instance. */
export class EventChannels {
	private readonly listeners = new Map<WebSocket, { instance: string; isAlive: boolean }>();
	private readonly pinging: NodeJS.Timeout;

	/** @param baseUrl how the outside reaches this server */
	constructor(private readonly baseUrl: () => string) {
		this.pinging = setInterval(() => this.ping(), PING_INTERVAL_MS).unref();
	}

	get count(): number {
		return this.listeners.size;
	}

	add({ name }: ChannelOwner, webSocket: WebSocket): void {
		const listener = { instance: name, isAlive: true };
		this.listeners.set(webSocket, listener);
		webSocket.on('pong', () => (listener.isAlive = true));
		webSocket.on('close', () => this.listeners.delete(webSocket));
		// 'close' follows every error.
		webSocket.on('error', () => undefined);
	}

	/** To those whose channel is on and has the event's type. */
	send({ name, stored }: ChannelOwner, event: EventType, data: Record<string, unknown>): void {
		const { enabled, events } = stored.webSocket ?? { enabled: false, events: [] };
		const receivers = this.of(name);
		if (!enabled || (events.length > 0 && !events.includes(event)) || receivers.length === 0) {
			return;
		}
		const instanceData = { baseUrl: this.baseUrl(), instance: name, token: stored.token };
		const text = JSON.stringify({ event, data, instanceData });
		for (const webSocket of receivers) {
			if (webSocket.bufferedAmount > LONGEST_BACKLOG_BYTES) {
				webSocket.terminate();
			} else {
				webSocket.send(text, () => undefined);
			}
		}
	}

	/** Ends the listeners of an instance whose channel is off. */
	closeOf({ name }: Pick<ChannelOwner, 'name'>): void {
		this.of(name).forEach((webSocket) => webSocket.close(NORMAL_CLOSURE));
	}

	/** Ends all, those that do not answer too; twice is fine. */
	async close(): Promise<void> {
		clearInterval(this.pinging);
		const closing = [...this.listeners.keys()].map(async (webSocket) => {
			const closed = once(webSocket, 'close');
			webSocket.close(GOING_AWAY);
			const timer = setTimeout(() => webSocket.terminate(), GOODBYE_MS);
			await closed;
			clearTimeout(timer);
		});
		await Promise.allSettled(closing);
	}

	private of(instance: string): WebSocket[] {
		return [...this.listeners]
			.filter(([, listener]) => listener.instance === instance)
			.map(([webSocket]) => webSocket);
	}

	private ping(): void {
		for (const [webSocket, listener] of this.listeners) {
			if (!listener.isAlive) {
				webSocket.terminate();
			} else if (webSocket.readyState === WebSocket.OPEN) {
				listener.isAlive = false;
				webSocket.ping();
			}
		}
	}
}
