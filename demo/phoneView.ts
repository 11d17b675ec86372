import type { CallSeen, MessageSeen } from '../simulator';
import { peaksOf } from './likeness';
import { ANSWERS_AFTER_SECONDS } from './phones';
import type { Stage } from './stage';

const RATE_HZ = 16_000;
const BARS = 44;
/** How WhatsApp writes the waveform of a voice note. */
const LOUDEST_BAR = 100;
/** A call is decoded when what is still on its way has arrived. */
const SETTLE_MS = 400;

/** Something that can be played. */
export interface Sound {
	url: string;
	seconds: number;
	/** Levels from 0 to 1. */
	bars: number[];
	/** Correlation with the clip, when it is known to be the clip. */
	likeness?: number;
}

/** A call as the page shows it. Times are ISO 8601. */
export interface CallView {
	id: string;
	state: CallSeen['state'];
	caller: string;
	rangAt: string;
	/** While it rings: when the phone answers by itself, unless somebody is quicker. */
	answersAt?: string;
	answeredAt?: string;
	endedAt?: string;
	endedBy?: CallSeen['endedBy'];
	missed: boolean;
	/** What was heard so far. */
	heardSeconds: number;
	sound?: Sound;
}

/** A voice note as the page shows it. */
export interface NoteView {
	id: string;
	sender: string;
	/** When it was there; ISO 8601. */
	at: string;
	sound: Sound;
}

export interface PhoneView {
	answersByItself: boolean;
	/** Newest first. */
	calls: CallView[];
	notes: NoteView[];
}

/** What the page shows of the phone. */
export class PhoneState {
	private readonly heard = new Map<string, { pcm: Int16Array; bars: number[] } | 'coming'>();
	private readonly likeness = new Map<string, number>();
	private readonly arrivals = new Map<string, string>();

	constructor(private readonly stage: Stage) {}

	/** What is known now. Starts to decode calls that are over. */
	view(): PhoneView {
		const { seen } = this.stage.theirs;
		return {
			answersByItself: this.stage.answersByItself,
			calls: seen.calls.map((call, index) => this.call(call, index)).reverse(),
			notes: seen.messages.filter(({ voice }) => voice !== undefined).map((one) => this.note(one)),
		};
	}

	/** The file of a voice note, as the phone fetched it. */
	noteFile(id: string): Buffer | undefined {
		const { theirs } = this.stage;
		const index = theirs.seen.messages.findIndex((one) => one.id === id && one.voice !== undefined);
		return index < 0 ? undefined : theirs.voiceOf(index);
	}

	/** What was heard in a call that is over: samples at 16 kHz. Waits until it is decoded. */
	async heardIn(id: string): Promise<Int16Array | undefined> {
		const index = this.stage.theirs.seen.calls.findIndex(({ callId }) => callId === id);
		if (index < 0) return undefined;
		return await this.stage.theirs.mediaOf(index).heard();
	}

	/** How much a call sounds like the clip. */
	compared(id: string, likeness: number): void {
		this.likeness.set(id, likeness);
	}

	private call(call: CallSeen, index: number): CallView {
		const { callId: id, state, rangAt, answeredAt, endedAt, endedBy, missed, media } = call;
		const isOver = state !== 'ringing' && state !== 'answered';
		if (isOver && answeredAt !== undefined && !this.heard.has(id)) this.decode(id, index);
		const willAnswer = state === 'ringing' && this.stage.answersByItself;
		const answersAt = new Date(Date.parse(rangAt) + ANSWERS_AFTER_SECONDS * 1000).toISOString();
		return {
			id,
			state,
			caller: this.stage.nameOf(call.from) ?? 'Somebody',
			rangAt,
			...(willAnswer && { answersAt }),
			...(answeredAt !== undefined && { answeredAt }),
			...(endedAt !== undefined && { endedAt }),
			...(endedBy !== undefined && { endedBy }),
			missed,
			heardSeconds: (media?.heardMs ?? 0) / 1000,
			...this.soundOf(id),
		};
	}

	private note({ id, from, voice }: MessageSeen): NoteView {
		const at = this.arrivals.get(id) ?? new Date().toISOString();
		this.arrivals.set(id, at);
		const sender = this.stage.nameOf(from) ?? 'Somebody';
		const { audioSeconds: seconds = 0, waveform = [] } = voice ?? {};
		const bars = waveform.map((bar) => bar / LOUDEST_BAR);
		return { id, sender, at, sound: { url: `/notes/${id}.ogg`, seconds, bars } };
	}

	private decode(id: string, index: number): void {
		this.heard.set(id, 'coming');
		setTimeout(() => {
			void this.stage.theirs
				.mediaOf(index)
				.heard()
				.then((pcm) => this.heard.set(id, { pcm, bars: peaksOf(pcm, BARS) }));
		}, SETTLE_MS);
	}

	private soundOf(id: string): { sound?: Sound } {
		const heard = this.heard.get(id);
		if (heard === undefined || heard === 'coming' || heard.pcm.length === 0) return {};
		const likeness = this.likeness.get(id);
		const { bars, pcm } = heard;
		const url = `/calls/${id}.wav`;
		const seconds = pcm.length / RATE_HZ;
		return { sound: { url, seconds, bars, ...(likeness !== undefined && { likeness }) } };
	}
}
