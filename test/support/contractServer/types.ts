/** How a contract server is started. Every field has a default. */
export interface ContractServerOptions {
	/** Default 0: a free port. */
	port?: number;
	/** Default '127.0.0.1'. */
	host?: string;
	/** Requests a minute and token, default 100 as in RyzeAPI's contract. */
	requestsPerMinute?: number;
	/** Milliseconds since the epoch, for the rate limit's window and timestamps. Default Date.now. */
	now?: () => number;
	/** PEM texts; with them the server speaks https and wss. */
	tls?: { key: string; cert: string };
	/** The TokenAccount, which opens every instance. Default 'account-token'. */
	accountToken?: string;
	/** Default: `main`, connected, with the TokenInstance 'instance-token'. */
	instances?: InitialInstance[];
	/** Accounts of the Voice API. Default: `WAWP1` with the access token 'wawp-token'. */
	voiceAccounts?: VoiceAccount[];
}

export interface InitialInstance {
	name: string;
	/** The TokenInstance. */
	token: string;
	/** Default 'connected'. */
	state?: 'connected' | 'connecting' | 'disconnected' | 'loggedout';
}

export interface VoiceAccount {
	instanceId: string;
	accessToken: string;
}

export interface ReceivedRequest {
	method: string;
	/** As it was sent, percent-encoding included, without the query. */
	path: string;
	/** Decoded; of a repeated name, the last value. */
	query: Record<string, string>;
	/** By lower-case name. */
	headers: Record<string, string>;
	/** Empty until the body is read, and where bodies are dropped. */
	rawBody: Buffer;
	/** The body read as JSON, whatever its content type; undefined where it is not JSON. */
	body: unknown;
	/** What was answered (101 for a WebSocket); undefined when nothing or not everything was. */
	status: number | undefined;
}

/** What happens to a request instead of being executed. */
export type Fault =
	/** An object is sent as JSON, a string as it is, with text/html unless `headers` say otherwise. */
	| { kind: 'answer'; status: number; body: unknown; headers?: Record<string, string> }
	/** Reads the body and never answers. */
	| { kind: 'hang' }
	/** Reads the body and resets the connection. */
	| { kind: 'reset' }
	| { kind: 'resetBeforeReading' }
	/** Promises a JSON body by its content-length, sends half of it and closes the connection. */
	| { kind: 'truncate' }
	/** 429 as RyzeAPI answers it. */
	| { kind: 'rateLimit'; resetInSeconds: number };

export interface CallEvent {
	/** Milliseconds from the execution of the call; -1: received by the listeners before HTTP answers. */
	afterMs: number;
	/** Sent as JSON text; a string as it is. */
	frame: unknown;
}

export interface PlacedCall {
	kind: 'fake' | 'audio';
	instance: string;
	callId: string;
	/** Digits only. */
	number: string;
	/** Seconds, of a fake call; 8 where the request left it out. */
	duration?: number;
	mediaUrl?: string;
	mediaBase64?: string;
}

export interface SentVoiceNote {
	api: 'ryzeApi' | 'voiceApi';
	/** The instance's name, or the Voice API's instance_id. */
	instance: string;
	messageId: string;
	/** All parameters as they were sent; of the Voice API from query and body together, `convert` as a boolean. */
	parameters: Record<string, unknown>;
}

export interface WebSocketConfig {
	enabled: boolean;
	/** Absent or empty: all types. */
	events?: string[];
	mediaBase64?: boolean;
}

/** A RyzeAPI server and the Voice API on one loopback port, and what a test may ask of them. */
export interface ContractServer {
	/** E.g. http://127.0.0.1:40123 */
	readonly url: string;
	readonly port: number;
	/** Every HTTP request in order of arrival, also refused and faulty ones, without WebSocket upgrades. */
	readonly requests: ReceivedRequest[];
	/** The calls that were executed. */
	readonly calls: PlacedCall[];
	readonly voiceNotes: SentVoiceNote[];
	/** Every request for a WebSocket, also refused ones. */
	readonly webSocketUpgrades: ReceivedRequest[];
	readonly openWebSockets: number;
	/** Queues a fault for the next request, upgrades included, whose path starts with `path`. */
	failNext(fault: Fault, when?: { path?: string }): void;
	/** Queues what the WebSocket tells about the next executed call. */
	eventsOfNextCall(events: (callId: string) => CallEvent[]): void;
	/** Sends now, to those listeners of the instance whose channel has the event's type. */
	sendEvent(instance: string, frame: unknown): void;
	/** Cuts every listener without a close frame. */
	dropWebSockets(): void;
	/** @throws Error for an instance that does not exist */
	setInstanceState(name: string, state: string): void;
	/** As if the user had configured the channel before; undefined: never configured. */
	configureWebSocket(instance: string, config: WebSocketConfig | undefined): void;
	webSocketConfig(instance: string): WebSocketConfig | undefined;
	/**
	 * Forgets requests, calls, voice notes, faults, events to come, the rate limit and the events'
	 * configuration, cuts the listeners, and puts the instances back as they were at the start.
	 */
	reset(): void;
	/** Ends open sockets and pending timers; may be called twice. */
	close(): Promise<void>;
}
