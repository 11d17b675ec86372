import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import fc from 'fast-check';

import { loadOpusLibrary } from '../../../../engine/audio/codec/opusLibrary';
import { joinFrames } from '../../../../engine/audio/codec/opusPacket';
import { encodeVoiceNote } from '../../../../engine/audio/voiceNote/encodeVoiceNote';
import { isWhatsAppVoiceNote } from '../../../../engine/audio/voiceNote/inspect';
import { OggWriter } from '../../../../engine/audio/voiceNote/ogg';
import { writeOpusHead, writeOpusTags } from '../../../../engine/audio/voiceNote/opusHeaders';
import { alertClip } from '../codec/support/speech';

const CLIPS = join(__dirname, '../../../support/clips');
const HEAD = { channels: 1, preSkip: 312, inputSampleRateHz: 16_000 };
const frame = (length: number) => new Uint8Array(length).fill(7);
const packet = (config = 9, frames = 3, stereo = false) =>
	joinFrames(
		{ config, stereo },
		Array.from({ length: frames }, (_, index) => frame(5 + index)),
	);

function file({
	head = writeOpusHead(HEAD),
	tags = writeOpusTags(),
	audio = [packet(), packet()],
	end = 5000n,
}): Uint8Array {
	const writer = new OggWriter(1);
	for (const [index, content] of [head, tags, ...audio].entries()) {
		if (index < 3) {
			writer.endPage();
		}
		writer.add(content, 0n);
	}
	return writer.finish(end);
}

let note: Uint8Array;

beforeAll(async () => {
	({ bytes: note } = await encodeVoiceNote(await loadOpusLibrary(), [alertClip()]));
});

test('our own voice note passes, with its length to the sample', () => {
	expect(isWhatsAppVoiceNote(note)).toEqual({ durationSeconds: alertClip().length / 16_000 });
});

test.each([
	['two packets', file({})],
	['a last packet of two frames', file({ audio: [packet(), packet(9, 2)], end: 4800n })],
	[
		'a last packet of one frame by code 0',
		file({ audio: [packet(), Uint8Array.of(0x48, 1)], end: 3800n }),
	],
])('%s: a voice note', (_, bytes) => {
	expect(isWhatsAppVoiceNote(bytes)?.durationSeconds).toBeGreaterThan(0);
});

test.each([
	['stereo in the header', file({ head: writeOpusHead({ ...HEAD, channels: 2 }) })],
	['48 kHz in the header', file({ head: writeOpusHead({ ...HEAD, inputSampleRateHz: 48_000 }) })],
	['no header', file({ head: frame(19) })],
	['no tags', file({ tags: frame(19) })],
	['no audio', file({ audio: [] })],
	['stereo packets', file({ audio: [packet(9, 3, true)], end: 2000n })],
	['one frame in an earlier packet', file({ audio: [packet(9, 1), packet()], end: 3000n })],
	['one frame of 60 ms', file({ audio: [Uint8Array.of(0x58, 1, 2), packet()] })],
	['narrowband', file({ audio: [packet(1), packet(1)] })],
	['CELT', file({ audio: [packet(23), packet(23)] })],
	['four frames', file({ audio: [packet(9, 4), packet()] })],
	['what is no packet', file({ audio: [Uint8Array.of(0x4b), packet()] })],
	['a length beyond its packets', file({ end: 5761n })],
	['no length', file({ end: 312n })],
	['text', Buffer.from('OggS is how it starts')],
	['nothing', Buffer.alloc(0)],
	['an mp3', readFileSync(join(CLIPS, 'alert.mp3'))],
	['an ogg of ffmpeg', readFileSync(join(CLIPS, 'alert.ogg'))],
])('%s: not a voice note', (_, bytes) => {
	expect(isWhatsAppVoiceNote(bytes)).toBeUndefined();
});

test('what ffmpeg makes with the right rate and 60 ms, but by code 0, is not a voice note', () => {
	const bytes = execFileSync('ffmpeg', [
		...['-v', 'error', '-i', join(CLIPS, 'alert.mp3'), '-ac', '1', '-ar', '16000'],
		...['-c:a', 'libopus', '-application', 'voip', '-frame_duration', '60', '-b:a', '24k'],
		...['-f', 'ogg', 'pipe:1'],
	]);
	expect(isWhatsAppVoiceNote(bytes)).toBeUndefined();
});

test('damaged, incomplete and chained notes do not pass', () => {
	const damaged = Buffer.from(note);
	damaged.writeUInt8(damaged.readUInt8(2000) ^ 1, 2000);
	expect(isWhatsAppVoiceNote(damaged)).toBeUndefined();
	expect(isWhatsAppVoiceNote(note.subarray(0, note.length - 1))).toBeUndefined();
	const other = new OggWriter(2);
	other.add(writeOpusHead(HEAD), 0n);
	expect(isWhatsAppVoiceNote(Buffer.concat([note, other.finish(0n)]))).toBeUndefined();
});

test('no bytes make it throw', () => {
	const inFile = fc
		.array(fc.uint8Array({ maxLength: 50 }), { maxLength: 5 })
		.map((audio) => file({ audio }));
	fc.assert(
		fc.property(fc.oneof(inFile, fc.uint8Array()), (bytes) => {
			expect(() => isWhatsAppVoiceNote(bytes)).not.toThrow();
		}),
		{ numRuns: 500 },
	);
});
