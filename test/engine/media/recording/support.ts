import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { createEscapeCodec } from '../../../../engine/audio/codec/escape';
import { createOpusCodec } from '../../../../engine/audio/codec/opus';
import { loadOpusLibrary, type OpusLibrary } from '../../../../engine/audio/codec/opusLibrary';
import { splitPacket } from '../../../../engine/audio/codec/opusPacket';
import type { CallCodec, FrameEncoder } from '../../../../engine/audio/types';
import { readOggPackets } from '../../../../engine/audio/voiceNote/ogg';
import type { RecordedPacket } from '../../../../engine/media/recorder';
import {
	createRecorder,
	type RecorderOptions,
} from '../../../../engine/media/recording/createRecorder';
import { alertClip, concat, cut } from '../../audio/codec/support/speech';

export const FRAME_SAMPLES = 960;
export const FRAME_MS = 60;
export const TEN_MINUTES_MS = 600_000;

export interface Codecs {
	library: OpusLibrary;
	opus: CallCodec;
	escape: CallCodec;
	/** Six seconds of speech. */
	clip: Int16Array;
	/** The clip in native Opus: 100 packets. */
	spoken: Uint8Array[];
}

export async function loadCodecs(): Promise<Codecs> {
	const library = await loadOpusLibrary();
	const opus = createOpusCodec(library);
	const clip = alertClip().subarray(0, FRAME_SAMPLES * 100);
	const spoken = encodeAll(opus, clip);
	return { library, opus, escape: createEscapeCodec(library), clip, spoken };
}

/** Records packets, up to ten minutes if nothing else is said. */
export function record(packets: readonly RecordedPacket[], options: Partial<RecorderOptions> = {}) {
	const recorder = createRecorder({ atMostMs: TEN_MINUTES_MS, ...options });
	packets.forEach((packet) => recorder.push(packet));
	const recording = recorder.finish();
	if (recording === undefined) {
		throw new Error('nothing was recorded');
	}
	return { ...recording, recorder };
}

/** Checks what ffmpeg thinks of a recording. @returns its samples */
export function played({ ogg, durationMs }: { ogg: Uint8Array; durationMs: number }): Int16Array {
	const { pcm, complaints } = decodeByFfmpeg(ogg);
	expect(complaints).toBe('');
	expect(Math.abs(pcm.length / 16 - durationMs)).toBeLessThanOrEqual(0.5);
	// ffprobe counts the pre-skip of 6.5 ms as well.
	expect(Math.abs(probedMs(ogg) - durationMs)).toBeLessThan(7);
	return pcm;
}

export function hex(packets: readonly Uint8Array[]): string[] {
	return packets.map((packet) => Buffer.from(packet).toString('hex'));
}

/** Packets as a phone sends them, 60 ms each, that arrive on time. */
export function packetsOf(
	payloads: readonly Uint8Array[],
	{ codec = 'opus', sequence = 1, timestamp = 0 }: Partial<RecordedPacket> = {},
): RecordedPacket[] {
	return payloads.map((payload, index) => ({
		sequence: sequence + index,
		timestamp: timestamp + index * FRAME_SAMPLES,
		payload,
		codec,
		arrivedAtMs: 1_000_000 + timestamp / 16 + index * FRAME_MS,
	}));
}

/** Payloads of 60 ms each. */
export function encodeAll(
	{ createEncoder }: { createEncoder(): FrameEncoder },
	pcm: Int16Array,
): Uint8Array[] {
	const encoder = createEncoder();
	try {
		return cut(pcm, FRAME_SAMPLES).map((frame) => encoder.encode(frame).payload);
	} finally {
		encoder.close();
	}
}

/** Opus packets of any frame size, 2.5 to 60 ms, in samples. */
export function encodeFrames(
	library: OpusLibrary,
	pcm: Int16Array,
	samplesPerPacket: number,
): Uint8Array[] {
	const encoder = library.createEncoder({
		application: 'voip',
		sampleRateHz: 16_000,
		samplesPerPacket,
		bitRate: 24_000,
		complexity: 5,
		dtx: false,
		maxPacketBytes: 1275,
	});
	try {
		return cut(pcm, samplesPerPacket).map((frame) => encoder.encode(frame));
	} finally {
		encoder.close();
	}
}

/** The Opus packets of a recording, without its headers. */
export function audioPackets(ogg: Uint8Array): Uint8Array[] {
	return [...readOggPackets(ogg, { damage: 'refuse' })].slice(2).map(({ packet }) => packet);
}

/** How long the packets of a recording are, in milliseconds. */
export function packetMs(ogg: Uint8Array): number {
	return audioPackets(ogg).reduce(
		(sum, packet) => sum + (splitPacket(packet)?.durationMs ?? NaN),
		0,
	);
}

/** By libopus, with its concealment; pre-skip and end not cut off. */
export function decodeByLibopus(library: OpusLibrary, ogg: Uint8Array): Int16Array {
	const decoder = library.createDecoder(16_000, 1);
	try {
		return concat(audioPackets(ogg).map((packet) => decoder.decode(packet)));
	} finally {
		decoder.close();
	}
}

/** By ffmpeg's own decoder, which speech recognition mostly uses. It is silent where all is well. */
export function decodeByFfmpeg(ogg: Uint8Array): { pcm: Int16Array; complaints: string } {
	const { stdout, stderr } = spawnSync(
		'ffmpeg',
		[
			...['-v', 'warning', '-c:a', 'opus', '-i', 'pipe:0'],
			...['-f', 's16le', '-ar', '16000', '-ac', '1', 'pipe:1'],
		],
		{ input: ogg, maxBuffer: 256 * 1024 * 1024, timeout: 60_000 },
	);
	return {
		pcm: new Int16Array(stdout.buffer.slice(stdout.byteOffset, stdout.byteOffset + stdout.length)),
		complaints: stderr.toString(),
	};
}

/** The length of a file as ffprobe reads it off, in milliseconds. */
export function probedMs(ogg: Uint8Array): number {
	const folder = mkdtempSync(join(tmpdir(), 'recording-'));
	const file = join(folder, 'recording.ogg');
	try {
		writeFileSync(file, ogg);
		const seconds = execFileSync(
			'ffprobe',
			['-v', 'error', '-show_entries', 'format=duration', '-of', 'csv=p=0', file],
			{ encoding: 'utf8', timeout: 60_000 },
		);
		return Number(seconds) * 1000;
	} finally {
		rmSync(folder, { recursive: true });
	}
}

/** Root mean square of a stretch of milliseconds. */
export function level(pcm: Int16Array, startMs: number, endMs: number): number {
	const stretch = pcm.subarray(startMs * 16, endMs * 16);
	return Math.sqrt(stretch.reduce((sum, sample) => sum + sample * sample, 0) / stretch.length);
}
