import { WebSocket } from 'ws';
import type { WebSocketConfig } from './types';

const NORMAL_CLOSURE = 1000;
const RECEIPT_TIMEOUT_MS = 1000;

/** The event channels of the instances: how they are configured, and who listens. */
export class EventChannels {
	private readonly configs = new Map<string, WebSocketConfig>();
	private readonly listeners = new Map<WebSocket, string>();

	get openWebSockets(): number {
		return this.listeners.size;
	}

	config(instance: string): WebSocketConfig | undefined {
		return this.configs.get(instance);
	}

	/** Replaces the whole configuration; listeners of a channel that is off are closed. */
	configure(instance: string, config: WebSocketConfig | undefined): void {
		if (config === undefined) {
			this.configs.delete(instance);
		} else {
			this.configs.set(instance, config);
		}
		if (config?.enabled !== true) {
			this.of(instance).forEach((webSocket) => webSocket.close(NORMAL_CLOSURE));
		}
	}

	add(instance: string, webSocket: WebSocket): void {
		this.listeners.set(webSocket, instance);
		webSocket.on('close', () => this.listeners.delete(webSocket));
		// 'close' follows every error.
		webSocket.on('error', () => undefined);
	}

	/** To those whose channel has the event's type; a frame without one goes to all. */
	send(instance: string, frame: unknown): WebSocket[] {
		const { enabled, events = [] } = this.configs.get(instance) ?? { enabled: false };
		const type = eventType(frame);
		if (!enabled || (events.length > 0 && type !== undefined && !events.includes(type))) {
			return [];
		}
		const receivers = this.of(instance);
		const text = typeof frame === 'string' ? frame : JSON.stringify(frame);
		receivers.forEach((webSocket) => webSocket.send(text));
		return receivers;
	}

	/** Sends, and waits until every listener has processed the frame. */
	async sendAndConfirm(instance: string, frame: unknown): Promise<void> {
		await Promise.all(this.send(instance, frame).map(receipt));
	}

	drop(): void {
		for (const webSocket of this.listeners.keys()) {
			webSocket.terminate();
		}
		this.listeners.clear();
	}

	reset(): void {
		this.configs.clear();
		this.drop();
	}

	private of(instance: string): WebSocket[] {
		return [...this.listeners].filter(([, name]) => name === instance).map(([each]) => each);
	}
}

/** Frames are processed in order (RFC 6455, section 5.4): a pong says that what came before was read. */
function receipt(webSocket: WebSocket): Promise<void> {
	return new Promise((resolve) => {
		const finish = () => {
			clearTimeout(timer);
			webSocket.off('pong', finish).off('close', finish);
			resolve();
		};
		const timer = setTimeout(finish, RECEIPT_TIMEOUT_MS);
		webSocket.on('pong', finish).on('close', finish);
		webSocket.ping();
	});
}

function eventType(frame: unknown): string | undefined {
	const value = typeof frame === 'string' ? parse(frame) : frame;
	if (typeof value === 'object' && value !== null && 'event' in value) {
		return typeof value.event === 'string' ? value.event : undefined;
	}
	return undefined;
}

function parse(text: string): unknown {
	try {
		return JSON.parse(text) as unknown;
	} catch {
		return undefined;
	}
}
