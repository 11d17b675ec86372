import { readOggPackets } from '../voiceNote/ogg';

/** Packets that end on one page. */
export interface PacketGroup {
	serial: number;
	packets: Uint8Array[];
	/** Of the last packet's end; null where the file does not say it. */
	granulePosition: number | null;
	endOfStream: boolean;
}

/** More packets than a page can hold. */
const MAX_PACKETS = 256;

/**
 * The packets of an Ogg file page by page: where a stream ends is written on its last page, and has to
 * be known before the first packet of that page is decoded.
 *
 * @throws CallError AUDIO_UNREADABLE
 */
export function* readPacketGroups(bytes: Uint8Array): Generator<PacketGroup> {
	let group: PacketGroup | null = null;
	for (const { packet, granulePosition, endOfStream, serial } of readOggPackets(bytes)) {
		if (group !== null && group.serial !== serial) {
			yield group;
			group = null;
		}
		group ??= { serial, packets: [], granulePosition: null, endOfStream };
		group.packets.push(packet);
		group.endOfStream = endOfStream;
		if (granulePosition >= 0n) group.granulePosition = Number(granulePosition);
		if (granulePosition >= 0n || endOfStream || group.packets.length >= MAX_PACKETS) {
			yield group;
			group = null;
		}
	}
	if (group !== null) yield group;
}
