import type { Clock } from '../../common/clock';
import { accountOf } from '../call/stanzas/jid';
import { orCancelled, voiceNoteCancelled } from './cancelled';
import { findChat, type Chat, type LookUp } from './chat';
import { connectionBroke, deliver, type Confirmation } from './delivery';
import { sealMedia, sha256 } from './media';
import { openMessage, sealedMessage } from './message';
import { STALE, refused } from './refusal';
import { Replies } from './replies';
import { uploadMedia, type Upload, type Uploaded } from './upload';
import type { ContextInfo, Message, VoiceLine, VoiceNote, VoiceNoteResult } from './voiceTypes';

const MILLISECONDS_PER_SECOND = 1_000;

export interface VoiceNotesOptions {
	clock: Clock;
	/** Gives the address under which WhatsApp knows a number. */
	lookUp: LookUp;
	/** A certificate in PEM that media servers may have, beside those that Node.js trusts. */
	mediaCa?: string | undefined;
}

/** Sends the voice notes of one session, any number at a time. */
export class VoiceNotes {
	private readonly replies = new Replies();

	constructor(private readonly options: VoiceNotesOptions) {}

	/**
	 * Uploads a recording, sends the message and waits until WhatsApp has it.
	 *
	 * @throws CallError when nothing was sent: NOT_ON_WHATSAPP, RECIPIENT_UNREACHABLE,
	 * ACCOUNT_RESTRICTED, OFFER_REFUSED, NETWORK_UNREACHABLE, INVALID_OPTION, CANCELLED; and
	 * MAYBE_PLACED
	 */
	async send(note: VoiceNote, line: VoiceLine): Promise<VoiceNoteResult> {
		const { audio, replyTo, signal, to } = note;
		if (signal?.aborted === true) {
			throw voiceNoteCancelled();
		}
		const chat = await orCancelled(findChat(to, line, this.options.lookUp), signal);
		const context = replyTo === undefined ? undefined : this.replies.contextOf(replyTo, chat);
		const { generateMessageIDV2 } = await loadBaileys();
		const messageId = generateMessageIDV2(line.socket.authState.creds.me?.id);
		const { refusal } =
			chat.kind === 'channel'
				? await this.toChannel(messageId, note, chat, line)
				: await this.toPeople(messageId, note, chat, line, context);
		if (refusal !== undefined) {
			throw refused(refusal, chat);
		}
		const seconds =
			Math.round(audio.durationSeconds * MILLISECONDS_PER_SECOND) / MILLISECONDS_PER_SECOND;
		return { messageId, jid: chat.jid, status: 'sent', seconds };
	}

	private async toPeople(
		messageId: string,
		{ audio, signal }: VoiceNote,
		chat: Chat,
		line: VoiceLine,
		context: ContextInfo | undefined,
	): Promise<Confirmation> {
		const { clock } = this.options;
		const { getMediaKeys } = await loadBaileys();
		const media = await sealMedia(audio.ogg, getMediaKeys);
		const { blob, blobSha256 } = media;
		const uploaded = await this.upload(
			{ blob, sha256: blobSha256, form: 'encrypted' },
			line,
			signal,
		);
		const nowSeconds = Math.floor(clock.now() / MILLISECONDS_PER_SECOND);
		const message = sealedMessage(audio, media, uploaded, nowSeconds, context);
		const relay = (): Promise<unknown> =>
			line.socket.relayMessage(chat.jid, message, { messageId });
		let confirmation = await this.deliver(messageId, relay, line, signal);
		if (confirmation.refusal === STALE && chat.kind === 'person') {
			await this.refresh(chat, line, signal);
			confirmation = await this.deliver(messageId, relay, line, signal);
		}
		if (confirmation.refusal === undefined) {
			this.replies.remember(messageId, message.audioMessage);
		}
		return confirmation;
	}

	/** Baileys would put it where channels do not look for it, and not name its kind. */
	private async toChannel(
		messageId: string,
		{ audio, signal }: VoiceNote,
		chat: Chat,
		line: VoiceLine,
	): Promise<Confirmation> {
		const fileSha256 = sha256(audio.ogg);
		const uploaded = await this.upload(
			{ blob: audio.ogg, sha256: fileSha256, form: 'open' },
			line,
			signal,
		);
		const { proto } = await loadBaileys();
		const message: Message = openMessage(audio, fileSha256, uploaded);
		const content = proto.Message.encode(proto.Message.create(message)).finish();
		const send = (): Promise<void> =>
			line.socket.sendNode({
				tag: 'message',
				attrs: { to: chat.jid, id: messageId, type: 'media' },
				content: [{ tag: 'plaintext', attrs: { mediatype: 'ptt' }, content }],
			});
		return await this.deliver(messageId, send, line, signal);
	}

	/** Given up when it is cancelled, and when there is no connection left to send the message over. */
	private async upload(
		upload: Upload,
		{ socket, transport }: VoiceLine,
		signal: AbortSignal | undefined,
	): Promise<Uploaded> {
		const { clock, mediaCa } = this.options;
		const broken = new AbortController();
		const stopWatching = transport.onClosed(() => broken.abort());
		const signals = [broken.signal, ...(signal === undefined ? [] : [signal])];
		try {
			return await uploadMedia(upload, socket, {
				clock,
				signal: AbortSignal.any(signals),
				...(mediaCa !== undefined && { ca: mediaCa }),
			});
		} catch (error) {
			throw broken.signal.aborted && signal?.aborted !== true ? connectionBroke() : error;
		} finally {
			stopWatching();
		}
	}

	/** From here on it can no longer be cancelled. */
	private async deliver(
		messageId: string,
		send: () => Promise<unknown>,
		line: VoiceLine,
		signal: AbortSignal | undefined,
	): Promise<Confirmation> {
		if (signal?.aborted === true) {
			throw voiceNoteCancelled();
		}
		if (!line.transport.isOpen) {
			throw connectionBroke();
		}
		return await deliver(messageId, send, line, this.options.clock);
	}

	/** The devices of somebody, and the sessions with them, asked for anew. */
	private async refresh(
		{ jid }: Chat,
		{ transport }: VoiceLine,
		signal: AbortSignal | undefined,
	): Promise<void> {
		const renewed = transport.devicesOf(jid, true).then(async (devices) => {
			const theirs = devices.filter((device) => accountOf(device) === jid);
			await transport.ensureSessions(theirs, true);
		});
		await orCancelled(renewed, signal);
	}
}

/** An ES module: the runtime keeps it, so that asking again is free. */
function loadBaileys() {
	return import('@whiskeysockets/baileys');
}
