import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { IDataObject, INodeParameters, INodeType } from 'n8n-workflow';
import { startNetwork, type Network, type Phone } from '../../../simulator';
import { clip, serve } from '../../engine/audio/support';
import { eventually } from '../../simulator/support/client';
import { runNode, type NodeResult, type NodeRun } from '../../support/runNode';
import { itemWithBinary, thrown } from './support';

// The node as n8n loads it, after the build: the threads for sound need JavaScript.
/* eslint-disable @typescript-eslint/no-require-imports -- see above */
const { WhatsAppCall } = require('../../../dist/nodes/WhatsAppCall/WhatsAppCall.node.js') as {
	WhatsAppCall: new () => INodeType;
};
const { closePhones } = require('../../../dist/engine') as { closePhones(): Promise<void> };
/* eslint-enable @typescript-eslint/no-require-imports */

const OWN = '4915112345678';
const THEIRS = '5511999999999';
const MP3 = clip('alert.mp3');

let data: string;
let network: Network;
let theirs: Phone;
const environment = { ...process.env };

beforeAll(async () => {
	data = await mkdtemp(join(tmpdir(), 'node-voice-'));
	network = await startNetwork({ secondMs: 20, firstQrSeconds: 10_000 });
	const own = network.addPhone({ number: OWN });
	theirs = network.addPhone({ number: THEIRS, aliases: ['551199999999'] });
	process.env.WHATSAPP_CALL_DATA = data;
	Object.assign(process.env, network.environment);
	const link = { resource: 'session', operation: 'linkDevice', phoneNumber: OWN };
	const { items } = await run(link);
	await own.enterPairingCode(String(items[0]?.json.code).replace('-', ''));
	await eventually(async () => {
		const status = await run({ resource: 'session', operation: 'getStatus' });
		return status.items[0]?.json.state === 'connected';
	});
});

afterAll(async () => {
	await closePhones();
	await network.close();
	await rm(data, { recursive: true, force: true });
	process.env = { ...environment };
});

afterEach(() => expect(network.takeFaults()).toEqual([]));

async function run(parameters: IDataObject, options: Partial<NodeRun> = {}): Promise<NodeResult> {
	return await runNode({
		credentials: { whatsAppSession: { sessionName: 'main' } },
		...options,
		nodeType: new WhatsAppCall(),
		parameters: { connection: 'embedded', ...parameters } as INodeParameters,
	});
}

async function voice(parameters: IDataObject, options?: Partial<NodeRun>): Promise<NodeResult> {
	return await run(
		{
			resource: 'voiceMessage',
			operation: 'send',
			to: THEIRS,
			audioSource: 'base64',
			audioBase64: MP3.toString('base64'),
			...parameters,
		},
		options,
	);
}

describe('Voice Message > Send, embedded', () => {
	test('sends a file, and tells under which address', async () => {
		const { items, error } = await voice(
			{
				to: '+55 11 9999-9999',
				audioSource: 'binary',
				audioBase64: '',
				binaryPropertyName: 'data',
			},
			{ items: [itemWithBinary(MP3)] },
		);
		expect(error).toBeUndefined();
		await eventually(() => theirs.seen.messages.length === 1);
		const [message] = theirs.seen.messages;
		expect(items).toEqual([
			{
				json: {
					success: true,
					messageId: message?.id,
					status: 'sent',
					to: theirs.jid,
					seconds: expect.closeTo(8.6, 0) as number,
					connection: 'embedded',
				},
				pairedItem: { item: 0 },
			},
		]);
		expect(message?.voice).toMatchObject({ seconds: 9 });
	});

	test('answers a message', async () => {
		await voice({ replyTo: ' 3A0011 ' });
		await eventually(() => theirs.seen.messages.some(({ replyTo }) => replyTo?.id === '3A0011'));
	});

	test('fetches a URL itself: from a private address only when that is allowed', async () => {
		const server = await serve(MP3);
		try {
			const { port } = server.address() as { port: number };
			const source = {
				audioSource: 'url',
				audioBase64: '',
				audioUrl: `http://127.0.0.1:${port}/alert.mp3`,
			};
			expect(thrown(await voice(source))).toMatchObject({ code: 'AUDIO_ADDRESS_BLOCKED' });
			const options = { allowPrivateAddresses: true };
			expect((await voice({ ...source, options })).error).toBeUndefined();
		} finally {
			server.close();
		}
	});

	test('heeds its options', async () => {
		const options = { maximumAudioSizeMb: 1 };
		const audioBase64 = Buffer.alloc(2 * 1024 * 1024).toString('base64');
		expect(thrown(await voice({ audioBase64, options }))).toMatchObject({
			code: 'AUDIO_TOO_LARGE',
		});
		const before = theirs.seen.messages.length;
		await voice({ options: { trimSilence: true, normaliseLoudness: false } });
		await eventually(() => theirs.seen.messages.length > before);
	});

	test.each([
		[{ audioBase64: Buffer.from('no audio').toString('base64') }, 'AUDIO_UNREADABLE'],
		[{ to: '4915100000000' }, 'NOT_ON_WHATSAPP'],
		[{ to: '120363000000000009@g.us' }, 'RECIPIENT_UNREACHABLE'],
	])('fails on %j', async (parameters, code) => {
		expect(thrown(await voice(parameters))).toMatchObject({ code });
	});

	test('reaches the items behind one that failed', async () => {
		const { items } = await voice(
			{ to: '={{ $json.to }}' },
			{
				items: [{ json: { to: '12' } }, { json: { to: THEIRS } }],
				onError: 'continueRegularOutput',
			},
		);
		expect(items.map(({ json }) => json.code ?? json.status)).toEqual(['INVALID_NUMBER', 'sent']);
	});

	test('stops when the execution is cancelled', async () => {
		network.media.uploads = 'hang';
		const attempts = network.media.attempts;
		let cancel = (): void => undefined;
		const running = voice({}, { onStart: (stop) => (cancel = stop) });
		await eventually(() => network.media.attempts > attempts);
		cancel();
		await running;
		network.media.uploads = 'take';
	});
});
