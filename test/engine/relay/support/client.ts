import { randomBytes } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import {
	type Channel,
	type DialTarget,
	type RelayEnd,
	systemMediaClock,
} from '../../../../engine/relay';
import { dialWerift } from '../../../../engine/relay/werift/weriftChannel';

/** A channel to a port of loopback, and all it told. */
export class Client {
	readonly received: Buffer[] = [];
	readonly receivedAtMs: number[] = [];
	readonly channel: Channel;
	readonly opened: Promise<void>;
	readonly ended: Promise<RelayEnd>;

	constructor(port: number, changes: Partial<DialTarget> = {}) {
		let open: () => void = () => undefined;
		let end: (end: RelayEnd) => void = () => undefined;
		this.opened = new Promise((resolve) => (open = resolve));
		this.ended = new Promise((resolve) => (end = resolve));
		this.channel = dialWerift(
			{ address: '127.0.0.1', port, clock: systemMediaClock, random: randomBytes, ...changes },
			{
				open,
				message: (message) => {
					this.received.push(message);
					this.receivedAtMs[message.readUInt16BE(2)] = performance.now();
				},
				closed: end,
			},
		);
	}

	async heard(messages: number): Promise<void> {
		await until(() => this.received.length >= messages);
	}
}

export async function until(condition: () => boolean, limitMs = 30_000): Promise<void> {
	const startedMs = performance.now();
	while (!condition() && performance.now() - startedMs < limitMs) {
		await wait(5);
	}
	expect(condition()).toBe(true);
}
