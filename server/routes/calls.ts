import type { FastifyInstance, FastifyReply } from 'fastify';
import { parseAddress, requireCallable, type CallableAddress } from '../../common/address';
import type { CallHooks, RunningCall } from '../calls/calls';
import type { ServerContext } from '../context';
import { readMedia } from '../media';
import { REFUSAL } from '../validation';
import {
	answers,
	between,
	instanceParams,
	mediaProperties,
	number,
	reportProperties,
	waitQuery,
} from '../schemas';

const DEFAULT_DURATION_SECONDS = 8;
const DEFAULT_RING_SECONDS = 45;
const DEFAULT_STAY_SECONDS = 10;
const DEFAULT_PAUSE_SECONDS = 1;
const LONGEST_RECORDING_MS = 600_000;
const MILLISECONDS_PER_SECOND = 1_000;

interface Route {
	Params: { instance: string };
	Querystring: { wait?: 'false' | 'true'; waitAtMost?: string };
}

interface FakeCallBody {
	number: string;
	duration?: number;
}

interface AudioCallBody {
	number: string;
	mediaUrl?: string;
	mediaBase64?: string;
	ringAtMost?: number;
	repeat?: number;
	pauseBetweenRepeats?: number;
	afterPlaying?: 'hangUp' | 'stay';
	stayOnLine?: number;
	recordRecipient?: boolean;
}

/** The call routes of RyzeAPI's contract, with what the node knows beyond it. */
export function callRoutes(scope: FastifyInstance, context: ServerContext): void {
	const { calls, clock, instances, settings } = context;
	const { callsPerDay, pauseMilliseconds, waitInLineMilliseconds } = settings;
	const limits = (hooks: CallHooks) => ({
		...hooks,
		callsPerDay,
		pauseMilliseconds,
		waitAtMostMilliseconds: waitInLineMilliseconds,
	});

	/** As soon as WhatsApp has acknowledged the call, or when it has ended or the wait is over. */
	async function answer(
		{ raw }: FastifyReply,
		call: RunningCall,
		waitMilliseconds: number,
		placed: (callId: string) => object,
	): Promise<object> {
		const gone = new AbortController();
		// Whoever went away learns of no call, so it is better not placed.
		const leave = (): void => {
			call.cancelUnlessPlaced();
			gone.abort();
		};
		raw.once('close', leave);
		try {
			const record = await call.placed;
			if (waitMilliseconds === 0) {
				return placed(record.callId);
			}
			const ends: Promise<unknown>[] = [call.ended];
			if (Number.isFinite(waitMilliseconds)) {
				ends.push(clock.sleep(waitMilliseconds, gone.signal));
			}
			await Promise.race(ends);
			return record.toJson();
		} finally {
			raw.off('close', leave);
			gone.abort();
		}
	}

	scope.post<Route & { Body: FakeCallBody }>(
		'/api/call/fake/:instance',
		{ schema: FAKE_CALL },
		async (request, reply) => {
			const to = readCallee(request.body.number);
			const duration = request.body.duration || DEFAULT_DURATION_SECONDS;
			const { name, phone } = instances.find(request.params.instance, request.caller);
			const asked = { number: numberOf(to), duration };
			const call = calls.start({ instance: name, kind: 'fake', ...asked }, async (hooks) => ({
				report: await phone.fakeCall({ to, ringSeconds: duration, ...limits(hooks) }),
			}));
			return await answer(reply, call, waitOf(request.query), (callId) => {
				const message = 'Call placed successfully';
				return { success: true, message, callId, ...asked };
			});
		},
	);

	scope.post<Route & { Body: AudioCallBody }>(
		'/api/call/audio/:instance',
		{ schema: AUDIO_CALL },
		async (request, reply) => {
			const to = readCallee(request.body.number);
			const audio = readMedia(request.body);
			const { name, phone } = instances.find(request.params.instance, request.caller);
			const asked = { number: numberOf(to) };
			const call = calls.start({ instance: name, kind: 'audio', ...asked }, async (hooks) =>
				phone.audioCall({
					to,
					audio,
					codec: settings.codec,
					...soundOptions(request.body),
					...limits(hooks),
					conversion: {
						maximumBytes: settings.bodyLimitBytes,
						allowPrivateAddresses: settings.allowPrivateAddresses,
					},
				}),
			);
			return await answer(reply, call, waitOf(request.query), (callId) => {
				return { success: true, message: 'Audio call placed', callId, ...asked };
			});
		},
	);
}

/** How long the caller waits for the end, in milliseconds. */
function waitOf({ wait, waitAtMost }: Route['Querystring']): number {
	return wait === 'true' ? Number(waitAtMost ?? Infinity) * MILLISECONDS_PER_SECOND : 0;
}

/** @throws CallError INVALID_NUMBER */
function readCallee(text: string): CallableAddress {
	return requireCallable(parseAddress(text));
}

function numberOf(to: CallableAddress): string {
	return to.kind === 'phone' ? to.number : to.jid;
}

function soundOptions(body: AudioCallBody) {
	const { pauseBetweenRepeats = DEFAULT_PAUSE_SECONDS, stayOnLine = DEFAULT_STAY_SECONDS } = body;
	return {
		ringSeconds: body.ringAtMost ?? DEFAULT_RING_SECONDS,
		repeat: body.repeat ?? 1,
		pauseBetweenRepeatsMs: pauseBetweenRepeats * MILLISECONDS_PER_SECOND,
		stayMs: body.afterPlaying === 'stay' ? stayOnLine * MILLISECONDS_PER_SECOND : 0,
		...(body.recordRecipient === true && { recordAtMostMs: LONGEST_RECORDING_MS }),
	};
}

const FAKE_CALL = {
	tags: ['Calls'],
	summary: 'Rings and hangs up',
	params: instanceParams,
	querystring: waitQuery,
	body: {
		type: 'object',
		properties: {
			number,
			duration: {
				type: 'integer',
				minimum: 0,
				maximum: 60,
				description: 'Seconds to ring; 8 when it is left out or 0',
				[REFUSAL]: 'Duration must be between 1 and 60 seconds',
			},
		},
		required: ['number'],
		additionalProperties: false,
	},
	response: answers('The call is placed; with wait=true it has ended', {
		...reportProperties,
		duration: { type: 'integer' },
	}),
};

const AUDIO_CALL = {
	tags: ['Calls'],
	summary: 'Calls, and plays a recording to whoever answers',
	params: instanceParams,
	querystring: waitQuery,
	body: {
		type: 'object',
		properties: {
			number,
			...mediaProperties,
			ringAtMost: between('ringAtMost', 'number', 5, 60, 'Seconds to ring, 45 by default'),
			repeat: between('repeat', 'integer', 1, 20, 'How often it is played, once by default'),
			pauseBetweenRepeats: between(
				'pauseBetweenRepeats',
				'number',
				0,
				60,
				'Seconds of silence between two rounds, 1 by default',
			),
			afterPlaying: {
				type: 'string',
				enum: ['hangUp', 'stay'],
				description: 'What to do when the recording is over; hangUp by default',
				[REFUSAL]: 'Invalid request body: afterPlaying must be "hangUp" or "stay"',
			},
			stayOnLine: between(
				'stayOnLine',
				'number',
				1,
				600,
				'With afterPlaying "stay": seconds of silence after the recording, 10 by default',
			),
			recordRecipient: {
				type: 'boolean',
				description: 'Keep what the recipient says, up to 10 minutes',
			},
		},
		required: ['number'],
		additionalProperties: false,
	},
	response: answers('The call is placed; with wait=true it has ended', {
		...reportProperties,
		playedSeconds: { type: 'number' },
		audioSeconds: { type: 'number' },
		heard: { type: 'boolean' },
		recording: { type: 'string', description: 'Where the recording is' },
	}),
};
