import type { TransferListItem } from 'node:worker_threads';
import { MediaSession, type MediaEvent, type MediaSurroundings } from './mediaSession';
import type { MediaCall, MediaRequest, MediaSummary } from './messages';
import type { Pacer } from './pacer';
import type { ThreadAnswer, ThreadRequest } from './threadMessages';

export interface WorkshopSurroundings extends MediaSurroundings {
	pacer: Pick<Pacer, 'add' | 'takeReport'>;
}

/** All calls of the media thread; knows nothing of threads itself. */
export class MediaWorkshop {
	private readonly sessions = new Map<number, MediaSession>();

	/** @param answer sends to the main thread; what is in `transfer` is lost to this one */
	constructor(
		private readonly surroundings: WorkshopSurroundings,
		private readonly answer: (answer: ThreadAnswer, transfer: TransferListItem[]) => void,
	) {}

	/** @throws Error when the message makes no sense: that is a fault of the package */
	handle(request: ThreadRequest): void {
		switch (request.type) {
			case 'start':
				return this.start(request.id, request.call);
			case 'reportPacing': {
				const report = this.surroundings.pacer.takeReport();
				return this.answer({ type: 'pacing', id: request.id, report }, []);
			}
			default:
				return this.pass(request);
		}
	}

	private start(id: number, call: MediaCall): void {
		try {
			const session = new MediaSession(call, this.surroundings, (event) => this.told(id, event));
			this.sessions.set(id, session);
			session.start();
		} catch (error) {
			const reason = `media could not start: ${error instanceof Error ? error.message : 'unknown'}`;
			this.answer({ type: 'relayFailed', id, reason }, []);
			this.told(id, { type: 'stopped', summary: emptySummary(call) });
		}
	}

	private pass(request: Exclude<MediaRequest, { type: 'start' }>): void {
		const session = this.sessions.get(request.id);
		switch (request.type) {
			case 'relays':
				return session?.addRelays(request.endpoints);
			case 'rekey':
				return session?.rekey(request.device);
			case 'peerSpeaksMlow':
				return session?.peerSpeaksMlow(request.mlow);
			case 'play':
				return session?.play();
			case 'stop':
				void session?.stop();
		}
	}

	private told(id: number, event: MediaEvent): void {
		if (event.type !== 'stopped') {
			this.answer({ ...event, id }, []);
			return;
		}
		this.sessions.delete(id);
		const { recording, ...summary } = event.summary;
		if (recording === undefined) {
			this.answer({ type: 'stopped', id, summary }, []);
			return;
		}
		// A copy has its memory to itself, and can be handed over.
		const ogg = Uint8Array.from(recording.ogg);
		this.answer(
			{ type: 'stopped', id, summary: { ...summary, recording: { ...recording, ogg } } },
			[ogg.buffer],
		);
	}
}

/** Of a call whose media never were, or are lost without a trace. */
export function emptySummary({ codec }: MediaCall): MediaSummary {
	return { playedMs: 0, codecSent: codec, packetsSent: 0, packetsReceived: 0, packetsRefused: 0 };
}
