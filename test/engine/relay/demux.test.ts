import { classifyDatagram, classifyMessage } from '../../../engine/relay/demux';

describe('messages of the channel', () => {
	it.each([
		[[], undefined],
		[[0x80], undefined],
		[[0x00, 0x01], 'stun'],
		[[0x08, 0x02], 'stun'],
		[[0x3f, 0x00], 'stun'],
		[[0x09, 0x01], undefined],
		[[0x80, 191], 'rtp'],
		[[0x80, 192], 'rtcp'],
		[[0x81, 202], 'rtcp'],
		[[0x80, 223], 'rtcp'],
		[[0x80, 224], 'rtp'],
		[[0x90, 120], 'rtp'],
		[[0x40, 120], undefined],
		[[0xc0, 200], undefined],
	])('%j is %s', (bytes, kind) => {
		expect(classifyMessage(Buffer.from(bytes))).toBe(kind);
	});
});

describe('raw datagrams', () => {
	it.each([
		[[], undefined],
		[[0], 'stun'],
		[[3], 'stun'],
		[[4], undefined],
		[[19], undefined],
		[[20], 'dtls'],
		[[63], 'dtls'],
		[[64], undefined],
		[[128], undefined],
	])('%j is %s', (bytes, kind) => {
		expect(classifyDatagram(Buffer.from(bytes))).toBe(kind);
	});
});
