import type { Clock } from '../../common/clock';

const ROUND_MS = 60_000;

export interface IdleClosing {
	/** How long to stay open, in milliseconds. */
	afterMs: Promise<number>;
	close: () => Promise<void>;
}

/**
 * Who uses a session at the moment. While somebody does, the process stays alive, which the
 * session's sockets and timers do not see to; when nobody does, the session is closed after a while.
 */
export class Usage {
	private users = 0;
	private alive: NodeJS.Timeout | undefined;
	private idle = new AbortController();

	constructor(
		private readonly clock: Clock,
		private readonly closing: () => IdleClosing | undefined,
		private readonly onFault: (error: unknown) => void,
	) {}

	get count(): number {
		return this.users;
	}

	enter(): void {
		this.users += 1;
		this.idle.abort();
		this.alive ??= setInterval(() => undefined, ROUND_MS).ref();
	}

	leave(): void {
		this.users -= 1;
		if (this.users === 0) {
			clearInterval(this.alive);
			this.alive = undefined;
		}
		this.closeWhenIdle();
	}

	/** Starts the wait for the closing anew, when nobody uses the session. */
	closeWhenIdle(): void {
		this.idle.abort();
		const closing = this.users === 0 ? this.closing() : undefined;
		if (closing !== undefined) {
			this.idle = new AbortController();
			this.closeAfter(closing, this.idle.signal).catch(this.onFault);
		}
	}

	private async closeAfter({ afterMs, close }: IdleClosing, signal: AbortSignal): Promise<void> {
		const wait = await afterMs;
		if (wait > 0) {
			await this.clock.sleep(wait, signal);
		}
		if (!signal.aborted) {
			await close();
		}
	}
}
