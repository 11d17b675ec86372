import type { BinaryNode } from '../../../../simulator/codecs';
import type { Phone } from '../../../../simulator';
import { withoutMlow } from '../../../../simulator/media/agreement';
import { participantId, participantKeys, ssrcOf } from '../../../../simulator/media/keys';
import { makeEncoder, FRAME_SAMPLES } from '../../../../simulator/media/opus';
import type { SoundCodec } from '../../../../simulator/media/opus';
import { isMlowSilence, isNativeSilence, toEscape } from '../../../../simulator/media/opusPacket';
import { makeCname, senderReport, sourceDescription } from '../../../../simulator/media/rtcp';
import { writeRtp } from '../../../../simulator/media/rtp';
import { SrtcpReceiver, SrtcpSender } from '../../../../simulator/media/srtcp';
import { SrtpReceiver, SrtpSender } from '../../../../simulator/media/srtp';
import type { Opened } from '../../../../simulator/media/srtp';
import { bytes, child, children } from '../../../../simulator/wire/node';
import { RelayClient, type Dial } from '../../relay/support/relayClient';
import { makeOffer, sendOffer, sendTerminate, type OfferParts } from '../../support/caller';
import type { World } from '../../support/world';

const SILENCE_WORD = Buffer.from('30010000', 'hex');
export const SILENCE = Buffer.from([0x58]);

/** What a packet may be spoiled with. */
export interface Spoiled {
	ssrc?: number;
	payloadType?: number;
	words?: Buffer;
	marker?: boolean;
	/** Added to the timestamp that it should have. */
	drift?: number;
	/** Sends it over one relay only. */
	relay?: number;
}

/** A caller with media: the test's own, made of the simulator's parts. */
export class MediaCaller {
	readonly relays: RelayClient[] = [];
	private readonly audio: SrtpSender;
	private readonly reports: SrtcpSender;
	private readonly cname = makeCname();
	private readonly self: string;
	private sequence = 1;
	private timestamp = 0;
	private sent = 0;
	private octets = 0;

	private constructor(
		private readonly world: World,
		readonly offer: OfferParts,
		readonly ack: BinaryNode,
		tagBytes: number,
	) {
		this.self = participantId(offer.attributes['call-creator'] ?? '');
		const keys = participantKeys(offer.callKey, this.self);
		this.audio = new SrtpSender(keys.srtp, tagBytes);
		this.reports = new SrtcpSender(keys.srtcp);
	}

	/**
	 * Offers a call and goes to the relays that the ack names.
	 * @param mlow whether its capability names MLow
	 */
	static async call(world: World, phone: Phone, relays = 1, mlow = false): Promise<MediaCaller> {
		const offer = await makeOffer(world.client, phone);
		const capability = offer.content.find(({ tag }) => tag === 'capability');
		if (!mlow && capability) capability.content = withoutMlow(bytes(capability) ?? SILENCE);
		const ack = await sendOffer(world.client, offer);
		if (!ack) throw new Error('no ack');
		const { warpTagBytes } = world.network.settings;
		const caller = new MediaCaller(world, offer, ack, warpTagBytes);
		for (const dial of dialsOf(child(ack, 'relay'), offer).slice(0, relays)) {
			const client = await RelayClient.open(dial);
			caller.relays.push(client);
			await client.stay();
		}
		return caller;
	}

	/** Sends one payload; by default as page 05 section 1 wants it. */
	send(payload: Buffer, codec: SoundCodec = 'opus', spoiled: Spoiled = {}): Buffer {
		const silent = codec === 'opus' ? isNativeSilence(payload) : isMlowSilence(payload);
		const { relay, drift = 0, ...fields } = spoiled;
		const header = writeRtp({
			payloadType: 120,
			sequence: this.sequence++,
			timestamp: this.timestamp + drift,
			ssrc: ssrcOf(this.offer.callId, this.self, 0),
			...(silent && { words: SILENCE_WORD }),
			...fields,
		});
		this.timestamp += FRAME_SAMPLES;
		this.sent++;
		this.octets += payload.length;
		const packet = this.audio.protect(header, payload);
		const relays = relay === undefined ? this.relays : this.relays.slice(relay, relay + 1);
		for (const client of relays) client.send(packet);
		return packet;
	}

	/** Leaves out so many packets. */
	skip(packets: number): void {
		this.sequence += packets;
		this.timestamp += packets * FRAME_SAMPLES;
	}

	/** Sends payloads, one every 60 ms. */
	async talk(payloads: Buffer[], codec: SoundCodec = 'opus'): Promise<void> {
		for (const payload of payloads) {
			this.send(payload, codec);
			await new Promise((resolve) => setTimeout(resolve, 60));
		}
	}

	sendReport(): void {
		const ssrc = ssrcOf(this.offer.callId, this.self, 0);
		const facts = { ssrc, nowMs: Date.now(), rtpTimestamp: this.timestamp };
		const sender = senderReport({ ...facts, packets: this.sent, octets: this.octets });
		const report = Buffer.concat([sender, sourceDescription(ssrc, this.cname)]);
		for (const client of this.relays) client.send(this.reports.protect(report));
	}

	/** What a device of the phone sent: audio, and reports in plain text. */
	hear(device: string): { audio: Opened[]; reports: (Buffer | string)[] } {
		const keys = participantKeys(this.offer.callKey, participantId(device));
		const { warpTagBytes } = this.world.network.settings;
		const [audio, reports] = [
			new SrtpReceiver(keys.srtp, warpTagBytes),
			new SrtcpReceiver(keys.srtcp),
		];
		const all = this.relays.flatMap(({ media }) => media);
		const isReport = (packet: Buffer): boolean =>
			packet.readUInt8(1) >= 192 && packet.readUInt8(1) <= 223;
		return {
			audio: all.filter((packet) => !isReport(packet)).map((packet) => audio.open(packet)),
			reports: all.filter(isReport).map((packet) => reports.open(packet)),
		};
	}

	async hangUp(device: string, reason?: string): Promise<void> {
		await sendTerminate(this.world.client, this.offer, device, reason);
	}

	async close(): Promise<void> {
		for (const client of this.relays) await client.close();
	}
}

/** Packets of 60 ms that an encoder makes of samples at 16 kHz. */
export async function encode(pcm: Int16Array, codec: SoundCodec = 'opus'): Promise<Buffer[]> {
	const encoder = await makeEncoder(codec);
	const packets: Buffer[] = [];
	for (let at = 0; at < pcm.length; at += FRAME_SAMPLES) {
		const frame = new Int16Array(FRAME_SAMPLES);
		frame.set(pcm.subarray(at, at + FRAME_SAMPLES));
		const packet = Buffer.from(encoder.encode(frame));
		packets.push(codec === 'escape' ? toEscape(packet) : packet);
	}
	encoder.free();
	return packets;
}

/** Root mean square. */
export function loudness(pcm: Int16Array): number {
	return Math.sqrt(pcm.reduce((sum, one) => sum + one * one, 0) / Math.max(1, pcm.length));
}

function dialsOf(relay: BinaryNode | undefined, { callId, attributes }: OfferParts): Dial[] {
	const key = bytes(child(relay, 'key'))?.toString() ?? '';
	const tokens = children(relay, 'token');
	return children(relay, 'te2')
		.filter((te2) => bytes(te2)?.length === 6 && te2.attrs.protocol === '0')
		.map((te2) => {
			const address = bytes(te2) ?? Buffer.alloc(6);
			const token = bytes(tokens.find(({ attrs }) => attrs.id === te2.attrs.token_id));
			return {
				host: [...address.subarray(0, 4)].join('.'),
				port: address.readUInt16BE(4),
				callId,
				caller: participantId(attributes['call-creator'] ?? ''),
				key,
				token: token ?? Buffer.alloc(0),
			};
		});
}
