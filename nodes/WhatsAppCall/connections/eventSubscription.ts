import type { IDataObject } from 'n8n-workflow';
import type { ApiAnswer, ApiRequest } from './api';

const CALL_EVENTS = 'call.update';

/**
 * How an instance's event channel must be configured so that it carries call events, or undefined
 * when it does so already. What the owner of the instance has configured stays: other programs may
 * listen to the same channel, and the configuration is replaced as a whole.
 *
 * @param current the answer of `GET /api/events/getWebsocket/:instance`; 404 means never configured
 */
export function subscriptionRequest(
	instancePath: string,
	current: ApiAnswer,
): ApiRequest | undefined {
	const existing = current.status === 200 ? findConfiguration(current.json) : undefined;
	if (existing === undefined) {
		// Nothing is known of an earlier choice of events: asking for none in particular narrows nothing.
		const events = current.status === 404 ? { events: [CALL_EVENTS] } : {};
		return configure(instancePath, { enabled: true, ...events });
	}
	const { enabled, events, mediaBase64 } = existing;
	const carriesCalls = events === undefined || events.length === 0 || events.includes(CALL_EVENTS);
	if (enabled && carriesCalls) {
		return undefined;
	}
	return configure(instancePath, {
		enabled: true,
		...(events !== undefined && { events: carriesCalls ? events : [...events, CALL_EVENTS] }),
		...(mediaBase64 !== undefined && { mediaBase64 }),
	});
}

function configure(instancePath: string, body: IDataObject): ApiRequest {
	return { method: 'POST', path: `/api/events/websocket/${instancePath}`, body, hasEffect: false };
}

interface Configuration {
	enabled: boolean;
	events?: string[];
	mediaBase64?: boolean;
}

/** The configuration in an answer whose shape is not documented: the first object with `enabled`. */
function findConfiguration(json: IDataObject | undefined, depth = 0): Configuration | undefined {
	if (json === undefined || depth > 3) {
		return undefined;
	}
	if (typeof json.enabled === 'boolean') {
		const { events, mediaBase64 } = json;
		return {
			enabled: json.enabled,
			...(Array.isArray(events) && {
				events: (events as unknown[]).filter((event) => typeof event === 'string'),
			}),
			...(typeof mediaBase64 === 'boolean' && { mediaBase64 }),
		};
	}
	for (const value of Object.values(json)) {
		if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
			const found = findConfiguration(value as IDataObject, depth + 1);
			if (found !== undefined) {
				return found;
			}
		}
	}
	return undefined;
}
