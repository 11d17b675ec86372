import type { FastifyInstance } from 'fastify';
import { systemClock } from '../common/clock';
import { DEFAULT_CALLS_PER_DAY, DEFAULT_PAUSE_MS, openPhone } from '../engine';
import { endEvents, progressEvent } from './calls/callEvents';
import type { CallRecord } from './calls/callRecord';
import { Calls, type CallWatcher } from './calls/calls';
import type { ServerContext, ServerSettings } from './context';
import { EventChannels } from './events/channels';
import { Upgrades } from './events/upgrades';
import type { Instance, InstancePhone } from './instances/instance';
import { Instances } from './instances/instances';
import { engineLogger } from './logging';
import { Metrics } from './metrics';
import * as defaults from './options';
import { packageVersion } from './version';

/** What only the running server knows. */
export interface Surroundings {
	/** How the outside reaches this server. */
	baseUrl: () => string;
	isReady: () => boolean;
}

/** All that the routes use, put together. Nothing is opened yet. */
export function assemble(
	app: FastifyInstance,
	options: defaults.ServerOptions,
	{ baseUrl, isReady }: Surroundings,
): ServerContext {
	const { clock = systemClock } = options;
	const { log } = app;
	const channels = new EventChannels(baseUrl);
	const instances = new Instances({
		data: options.data,
		accountToken: options.accountToken,
		clock,
		maximum: options.maximumInstances ?? defaults.DEFAULT_MAXIMUM_INSTANCES,
		openPhone: (name) => openInstancePhone(app, options, name),
		tell: (instance, state, numberJid) => {
			log.info({ instance: instance.name, state }, 'instance');
			channels.send(instance, 'instance.state', { state, numberJid });
		},
		onFault: (instance, what, error) => log.warn({ instance, reason: reasonOf(error) }, what),
	});
	const metrics = new Metrics({
		states: async () =>
			await Promise.all(instances.all.map(async (one) => (await one.status()).connection)),
		listeners: () => channels.count,
	});
	return {
		settings: settingsOf(options),
		version: packageVersion(),
		instances,
		calls: new Calls(watcherOf(instances, channels, metrics), clock),
		channels,
		upgrades: new Upgrades(app),
		metrics,
		clock,
		isReady,
	};
}

function openInstancePhone(
	app: FastifyInstance,
	{ clock, data, environment = process.env, passphrase }: defaults.ServerOptions,
	name: string,
): InstancePhone {
	const logger = engineLogger(app.log, name);
	return openPhone(
		{
			name,
			data,
			logger,
			...(clock !== undefined && { clock }),
			...(passphrase !== undefined && { passphrase }),
		},
		environment,
	);
}

/** Calls are told to the listeners of their instance, and counted. */
function watcherOf(instances: Instances, channels: EventChannels, metrics: Metrics): CallWatcher {
	const instanceOf = ({ subject }: CallRecord): Instance | undefined =>
		instances.all.find(({ name }) => name === subject.instance);
	const send = (record: CallRecord, event: Record<string, unknown>): void => {
		const instance = instanceOf(record);
		if (instance !== undefined) {
			channels.send(instance, 'call.update', event);
		}
	};
	return {
		progressed: (record, progress) => {
			// It works again, for one that had been sent away.
			instanceOf(record)?.keepConnected();
			send(record, progressEvent(record, progress));
		},
		ended: (record, report) => {
			metrics.ended(record.subject.kind, report);
			endEvents(record, report).forEach((event) => send(record, event));
		},
		failed: ({ kind }, error) => metrics.failed(kind, reasonOf(error)),
	};
}

function settingsOf(options: defaults.ServerOptions): ServerSettings {
	return {
		requestsPerMinute: options.requestsPerMinute ?? defaults.DEFAULT_REQUESTS_PER_MINUTE,
		bodyLimitBytes: options.bodyLimitBytes ?? defaults.DEFAULT_BODY_LIMIT_BYTES,
		waitInLineMilliseconds: options.waitInLineMilliseconds ?? defaults.DEFAULT_WAIT_IN_LINE_MS,
		pauseMilliseconds: options.pauseMilliseconds ?? DEFAULT_PAUSE_MS,
		callsPerDay: options.callsPerDay ?? DEFAULT_CALLS_PER_DAY,
		codec: options.codec ?? 'mlow',
		allowPrivateAddresses: options.allowPrivateAddresses ?? false,
	};
}

/** A code, or the kind of a fault: messages may hold what a log must not. */
function reasonOf(error: unknown): string {
	const { code, name } = error as { code?: unknown; name?: unknown };
	return typeof code === 'string' ? code : typeof name === 'string' ? name : 'unknown';
}
