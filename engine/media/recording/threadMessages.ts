import type { MediaRecording } from '../messages';
import type { RecordedPacket } from '../recorder';

/** Media thread to recording thread. */
export type RecordingRequest =
	| { type: 'open'; id: number; atMostMs: number }
	| { type: 'packet'; id: number; packet: RecordedPacket }
	/** `finished` follows. */
	| { type: 'finish'; id: number };

/** Recording thread to media thread. */
export interface RecordingAnswer {
	type: 'finished';
	id: number;
	/** Absent when there is nothing in it. */
	recording?: MediaRecording;
}
