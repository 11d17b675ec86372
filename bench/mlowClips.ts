import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { FRAME_SAMPLES } from '../engine/audio/types';
import { inRoom } from './mlowRoom';

const VECTORS = join(__dirname, '../../test/engine/audio/mlow/vectors/e2e');
const MOST_OUTPUT_BYTES = 64 * 1024 * 1024;
const TO_SAMPLES = '-f s16le -ar 16000 -ac 1 pipe:1'.split(' ');

const ALERT =
	'The cooling of the server room has failed. It is forty one degrees inside, and rising. ' +
	'Please call the technician, then open both doors.';
const REMINDER =
	'Good morning, this is the dental practice. Your appointment is on Thursday at a quarter past three. ' +
	'Should you wish to change it, just give us a call.';

/** Speech, mono, 16 kHz. */
export interface SpeechClip {
	name: string;
	samples: Int16Array;
}

/** A clip of the MLow vectors, with what the reference codec made of it. */
export interface VectorClip extends SpeechClip {
	/** Packets of the reference encoder. */
	packets: Uint8Array[];
	/** What the reference decoder made of them. */
	decoded: Int16Array;
}

export function vectorClip(name: string): VectorClip {
	const read = (ending: string) => readFileSync(join(VECTORS, `${name}.${ending}`));
	return {
		name,
		samples: samplesOf(read('in.s16')),
		packets: packetsOf(read('frames')),
		decoded: samplesOf(read('dec.s16')),
	};
}

/**
 * Two voices in two rooms: a synthesiser's at a speed and pitch of its own, and one built from
 * recordings of a human speaker (CMU Flite's `slt`, which Debian's ffmpeg brings along).
 */
export function naturalClips(): SpeechClip[] {
	const wav = run('espeak-ng', [...'-v en-gb+m3 -s 145 -p 38 --stdout'.split(' '), ALERT]);
	const synthesised = run('ffmpeg', ['-v', 'error', '-i', 'pipe:0', ...TO_SAMPLES], wav);
	const voice = `flite=voice=slt:text='${REMINDER}'`;
	const recorded = run('ffmpeg', ['-v', 'error', '-f', 'lavfi', '-i', voice, ...TO_SAMPLES]);
	return [
		{ name: 'espeak_male_room', samples: inRoom(wholeFrames(samplesOf(synthesised)), 1) },
		{ name: 'flite_female_room', samples: inRoom(wholeFrames(samplesOf(recorded)), 2) },
	];
}

function samplesOf(bytes: Buffer): Int16Array {
	return Int16Array.from({ length: bytes.length / 2 }, (_, index) => bytes.readInt16LE(2 * index));
}

/** A file of packets: the length of each in two bytes, then its payload. */
function packetsOf(file: Buffer): Uint8Array[] {
	const packets: Uint8Array[] = [];
	for (let at = 0; at < file.length; ) {
		const end = at + 2 + file.readUInt16LE(at);
		packets.push(Uint8Array.from(file.subarray(at + 2, end)));
		at = end;
	}
	return packets;
}

function wholeFrames(samples: Int16Array): Int16Array {
	const whole = new Int16Array(Math.ceil(samples.length / FRAME_SAMPLES) * FRAME_SAMPLES);
	whole.set(samples);
	return whole;
}

function run(command: string, parameters: string[], input?: Buffer): Buffer {
	try {
		return execFileSync(command, parameters, { input, maxBuffer: MOST_OUTPUT_BYTES });
	} catch (error) {
		throw new Error(
			`${command} is needed (Debian packages espeak-ng and ffmpeg, which has Flite): ${String(error)}`,
		);
	}
}
