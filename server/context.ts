import type { Clock } from '../common/clock';
import type { CallCodecName } from '../engine';
import type { Calls } from './calls/calls';
import type { EventChannels } from './events/channels';
import type { Upgrades } from './events/upgrades';
import type { Caller, Instances } from './instances/instances';
import type { Metrics } from './metrics';

declare module 'fastify' {
	interface FastifyRequest {
		/** Whom the token of the request belongs to; set where a token is needed. */
		caller: Caller;
	}
}

/** What does not change while a server runs. */
export interface ServerSettings {
	requestsPerMinute: number;
	bodyLimitBytes: number;
	waitInLineMilliseconds: number;
	pauseMilliseconds: number;
	callsPerDay: number;
	codec: CallCodecName;
	allowPrivateAddresses: boolean;
}

/** What the routes use. */
export interface ServerContext {
	settings: ServerSettings;
	version: string;
	instances: Instances;
	calls: Calls;
	channels: EventChannels;
	upgrades: Upgrades;
	metrics: Metrics;
	clock: Clock;
	/** Whether requests are taken: not before everything is there, and not while it ends. */
	isReady: () => boolean;
}
