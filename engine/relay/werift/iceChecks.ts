import type { IceCredentials } from '../channel';
import type { CancelTimer, MediaClock, RandomBytes } from '../mediaClock';
import { buildIceAnswer, buildIceCheck, StunType, TRANSACTION_ID_BYTES } from '../stun';
import { parseStun } from '../stunParser';

/** RFC 8445, section 14.3: until the first answer. */
const CHECK_EVERY_MS = 500;
/** Protocol page 04, section 4: afterwards, as consent. */
const CONSENT_EVERY_MS = 2500;
const TIE_BREAKER_BYTES = 8;
const UFRAG_RANDOM_BYTES = 6;
const PASSWORD_RANDOM_BYTES = 18;

export interface IceChecksOptions {
	credentials: IceCredentials;
	/** Of the relay: IPv4, dotted. */
	address: string;
	port: number;
	clock: MediaClock;
	random: RandomBytes;
	transmit: (datagram: Buffer) => void;
	/** The relay answered for the first time. */
	answered: () => void;
}

/** Keeps proving to a relay, outside of the channel, that we are who was announced. */
export class IceChecks {
	private readonly username: string;
	private readonly password: string;
	private readonly tieBreaker: Uint8Array;
	private transactionId: Uint8Array = new Uint8Array(TRANSACTION_ID_BYTES);
	private wasAnswered = false;
	private cancel: CancelTimer = () => undefined;

	constructor(private readonly options: IceChecksOptions) {
		const { credentials, random } = options;
		this.username = `${credentials.remoteUfrag}:${iceText(random(UFRAG_RANDOM_BYTES))}`;
		this.password = iceText(random(PASSWORD_RANDOM_BYTES));
		this.tieBreaker = random(TIE_BREAKER_BYTES);
	}

	start(): void {
		const { clock, credentials, random, transmit } = this.options;
		this.cancel();
		this.transactionId = random(TRANSACTION_ID_BYTES);
		const { password } = credentials;
		const { transactionId, tieBreaker, username } = this;
		transmit(buildIceCheck({ transactionId, username, tieBreaker, password }));
		const pauseMs = this.wasAnswered ? CONSENT_EVERY_MS : CHECK_EVERY_MS;
		this.cancel = clock.setTimer(pauseMs, () => this.start());
	}

	receive(datagram: Buffer): void {
		const message = parseStun(datagram);
		if (message?.type === StunType.bindingRequest) {
			const { address, port, transmit } = this.options;
			transmit(buildIceAnswer(message.transactionId, address, port, this.password));
		} else if (
			message?.type === StunType.bindingSuccess &&
			!this.wasAnswered &&
			message.transactionId.equals(this.transactionId)
		) {
			this.wasAnswered = true;
			this.options.answered();
		}
	}

	stop(): void {
		this.cancel();
	}
}

/** Only characters of ICE (RFC 8839, section 5.4), and a whole number of them. */
function iceText(bytes: Uint8Array): string {
	return Buffer.from(bytes).toString('base64');
}
