import { randomBytes } from 'node:crypto';
import type { SealedMedia } from './media';
import type { Uploaded } from './upload';
import type { AudioMessage, ContextInfo, Message, VoiceNote } from './voiceTypes';

export const VOICE_NOTE_MIME_TYPE = 'audio/ogg; codecs=opus';
const MESSAGE_SECRET_BYTES = 32;

/** What phones show of a voice note before they have it. */
function described({ durationSeconds, waveform }: VoiceNote['audio']): AudioMessage {
	return {
		mimetype: VOICE_NOTE_MIME_TYPE,
		ptt: true,
		seconds: Math.max(1, Math.round(durationSeconds)),
		waveform,
	};
}

/** A voice note for people: they get the key of the file with the message. */
export function sealedMessage(
	audio: VoiceNote['audio'],
	media: SealedMedia,
	{ directPath, url }: Uploaded,
	nowSeconds: number,
	contextInfo?: ContextInfo,
): Message & { audioMessage: AudioMessage } {
	return {
		audioMessage: {
			...described(audio),
			url,
			directPath,
			mediaKey: media.mediaKey,
			mediaKeyTimestamp: nowSeconds,
			fileSha256: media.fileSha256,
			fileEncSha256: media.blobSha256,
			fileLength: media.fileLength,
			...(contextInfo !== undefined && { contextInfo }),
		},
		messageContextInfo: { messageSecret: randomBytes(MESSAGE_SECRET_BYTES) },
	};
}

/** A voice note for a channel: whoever follows it may read the file. */
export function openMessage(
	audio: VoiceNote['audio'],
	fileSha256: Uint8Array,
	{ directPath }: Uploaded,
): Message {
	const fileLength = audio.ogg.length;
	return { audioMessage: { ...described(audio), directPath, fileSha256, fileLength } };
}
