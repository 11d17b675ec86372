import type { CancelTimer, MediaClock } from '../mediaClock';

/** RFC 6347, section 4.2.4.1, and protocol page 04, section 3: one second, then doubling. */
const FIRST_RETRY_MS = 1000;

/** Sends the current flight of a DTLS handshake until the next one takes its place. */
export class Flights {
	private flight: readonly Buffer[] = [];
	private retryMs = FIRST_RETRY_MS;
	private cancel: CancelTimer = () => undefined;

	constructor(
		private readonly clock: MediaClock,
		private readonly transmit: (datagram: Buffer) => void,
	) {}

	/** A new flight; one that is known is sent once more and keeps its schedule. */
	take(flight: readonly Buffer[]): void {
		if (flight === this.flight) {
			this.sendAll();
			return;
		}
		this.flight = flight;
		this.again();
	}

	/** Sends the flight at once, as if it were new. */
	again(): void {
		this.retryMs = FIRST_RETRY_MS;
		this.repeat();
	}

	/** The handshake is over. */
	stop(): void {
		this.cancel();
		this.flight = [];
	}

	private repeat(): void {
		this.cancel();
		if (this.flight.length === 0) {
			return;
		}
		this.sendAll();
		this.cancel = this.clock.setTimer(this.retryMs, () => this.repeat());
		this.retryMs *= 2;
	}

	private sendAll(): void {
		for (const datagram of this.flight) {
			this.transmit(datagram);
		}
	}
}
