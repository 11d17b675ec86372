import { loadCodecs } from '../../simulator/codecs';
import { isSignedBy } from '../../simulator/keys';
import { certificateChain, rootKeyPair } from '../../simulator/wire/certificate';
import { CHAT_HEADER, encodeFrame, FrameReader } from '../../simulator/wire/frames';
import { runSimulator } from '../../simulator/command';
import { startNetwork } from '../../simulator';

describe('the wire', () => {
	it('cuts a stream into frames wherever it was broken, with or without routing information', () => {
		const routing = Buffer.from([0x45, 0x44, 0, 1, 0, 0, 3, 7, 7, 7]);
		const frames = [Buffer.from('one'), Buffer.alloc(300, 2), Buffer.alloc(0)];
		for (const introduction of [CHAT_HEADER, Buffer.concat([routing, CHAT_HEADER])]) {
			const stream = Buffer.concat([introduction, ...frames.map(encodeFrame)]);
			for (const size of [1, 2, 7, stream.length]) {
				const reader = new FrameReader();
				const read: Buffer[] = [];
				for (let at = 0; at < stream.length; at += size) {
					read.push(...reader.push(stream.subarray(at, at + size)));
				}
				expect(read).toEqual(frames);
			}
		}
	});

	it('takes nothing that does not begin as a client does', () => {
		expect(() => new FrameReader().push(Buffer.from('GET / HTTP'))).toThrow('header');
	});

	it('has a certificate that the root signed, through to the static key', async () => {
		const codecs = await loadCodecs();
		const staticKey = codecs.Curve.generateKeyPair();
		const { CertChain } = codecs.proto;
		const { leaf, intermediate } = CertChain.decode(certificateChain(codecs, staticKey.public));
		const details = CertChain.NoiseCertificate.Details;
		const issuer = details.decode(intermediate?.details ?? Buffer.alloc(0));
		const subject = details.decode(leaf?.details ?? Buffer.alloc(0));
		const signed = (key: Uint8Array, part: typeof leaf) =>
			isSignedBy(key, part?.details ?? Buffer.alloc(0), part?.signature ?? Buffer.alloc(0));
		expect(signed(rootKeyPair().public, intermediate)).toBe(true);
		expect(signed(issuer.key ?? Buffer.alloc(0), leaf)).toBe(true);
		expect(signed(staticKey.public, leaf)).toBe(false);
		expect(Buffer.from(subject.key ?? [])).toEqual(Buffer.from(staticKey.public));
		expect(subject.issuerSerial).toBe(issuer.serial);
	});

	it('leaves nothing open and prints nothing', async () => {
		const print = jest.spyOn(process.stdout, 'write').mockImplementation(() => true);
		const network = await startNetwork();
		const http = network.url.replace('ws:', 'http:');
		expect((await fetch(http)).status).toBe(426);
		await network.close();
		await network.close();
		await expect(fetch(http)).rejects.toThrow('fetch failed');
		expect(print).not.toHaveBeenCalled();
		print.mockRestore();
	});

	it('is started by hand with the variables that lead to it', async () => {
		const simulator = await runSimulator(['--port', '0']);
		expect(Object.keys(simulator.variables)).toEqual([
			'WHATSAPP_CALL_WEB_SOCKET_URL',
			'WHATSAPP_CALL_NOISE_ROOT_KEY',
			'WHATSAPP_CALL_MEDIA_CA',
			'WHATSAPP_SIMULATOR_URL',
		]);
		const answer = await fetch(`${simulator.variables.WHATSAPP_SIMULATOR_URL}/faults`);
		expect(await answer.json()).toEqual([]);
		await simulator.close();
	});
});
