import type { EncodedFrame } from '../../../engine/audio/types';
import { silenceOf } from '../../../engine/media/frames';
import { deriveSenderKeys } from '../../../engine/media/keys';
import type { CallCodecName } from '../../../engine/media/messages';
import { OutgoingStream } from '../../../engine/media/outgoingStream';
import { toParticipantId } from '../../../engine/media/participant';
import { CALL_KEY, OWN_DEVICE, PEER, PeerDevice } from './support/calls';

const speech: EncodedFrame = { payload: Buffer.alloc(50, 0x58), comfortNoise: false };

function streamOf(codec: CallCodecName, firstSequence = 7): OutgoingStream {
	const keys = deriveSenderKeys(CALL_KEY, toParticipantId(OWN_DEVICE)).srtp;
	return new OutgoingStream({ codec, keys, tagBytes: 4, ssrc: 9, firstSequence });
}

/** What the recipient finds in the packets of these frames. */
function heard(stream: OutgoingStream, frames: readonly EncodedFrame[]) {
	const peer = new PeerDevice(PEER);
	return frames.map((frame) => {
		const packet = stream.protect(frame);
		const opened = peer.hear(packet);
		if (typeof opened === 'string') {
			throw new Error(opened);
		}
		return { ...opened, packet: Buffer.from(packet) };
	});
}

describe('our stream', () => {
	const frames = (codec: CallCodecName) => {
		const silence = silenceOf(codec);
		return [silence, silence, speech, speech, silence, speech];
	};

	test.each<[CallCodecName, boolean[]]>([
		['opus', [false, false, false, false, false, false]],
		['escape', [false, false, true, false, false, true]],
		['mlow', [false, false, true, false, false, true]],
	])('markers of %s', (codec, markers) => {
		const packets = heard(streamOf(codec), frames(codec));
		expect(packets.map(({ header }) => header.marker)).toEqual(markers);
		expect(packets.map(({ header }) => header.payloadType)).toEqual(new Array(6).fill(120));
	});

	test('a marker is set as the codec of the moment wants it', () => {
		const stream = streamOf('mlow');
		const silence = silenceOf('mlow');
		expect(heard(stream, [silence, speech])[1]?.header.marker).toBe(true);
		heard(stream, [silence]);
		stream.codec = 'opus';
		expect(heard(stream, [speech])[0]?.header.marker).toBe(false);
	});

	test.each<CallCodecName>(['opus', 'escape', 'mlow'])('silence of %s says so', (codec) => {
		const packets = heard(streamOf(codec), frames(codec));
		expect(packets.map(({ packet }) => packet.readUInt16BE(14))).toEqual([1, 1, 0, 0, 1, 0]);
		expect(packets[0]?.packet.subarray(12, 20).toString('hex')).toBe('debe000130010000');
		expect(packets[0]?.payload).toEqual(Buffer.from(codec === 'opus' ? '58' : '90', 'hex'));
		expect(packets[2]?.packet.subarray(12, 16).toString('hex')).toBe('debe0000');
		expect(packets[2]?.payload).toEqual(speech.payload);
	});

	test('counts on by one packet and 960 samples, over skipped time and every wrap', () => {
		const stream = streamOf('opus', 65_534);
		const first = heard(stream, [speech, speech, speech]);
		expect(first.map(({ header }) => header.sequence)).toEqual([65_534, 65_535, 0]);
		expect(first.map(({ header }) => header.timestamp)).toEqual([0, 960, 1920]);
		expect(stream.timestamp).toBe(1920);
		stream.skip(5);
		const peer = new PeerDevice(PEER);
		expect(peer.hear(stream.protect(speech))).toBe('forged');
		expect(stream).toMatchObject({ timestamp: 8 * 960, packets: 4, octets: 200 });
		stream.skip(Math.ceil(2 ** 32 / 960));
		stream.protect(speech);
		expect(stream.timestamp).toBeLessThan(20_000);
	});
});
