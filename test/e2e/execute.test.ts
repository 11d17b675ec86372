import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { callUpdate } from '../support/contractServer';
import { SECRETS } from './support/credentials';
import { itemsOf } from './support/execution';
import type { Executed } from './support/n8nCommand';
import { CLIPS } from './support/paths';
import { openStage } from './support/stage';
import type { Stage } from './support/stage';
import { itemsFrom, manualTrigger, readFile, whatsAppCall, workflow } from './support/workflow';
import type { Parameters, WorkflowNode } from './support/workflow';

const MP3 = join(CLIPS, 'alert.mp3');
const ISO_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;
const NODE = 'WhatsApp Call';

let stage: Stage;

beforeAll(async () => {
	stage = await openStage();
});

beforeEach(() => {
	stage.contract.reset();
});

afterAll(async () => {
	await stage.close();
});

/** Runs a workflow of the given nodes by command; whatever n8n prints must hold no secret. */
async function execute(...nodes: WorkflowNode[]): Promise<Executed> {
	const stored = workflow(expect.getState().currentTestName ?? '', [manualTrigger(), ...nodes]);
	await stage.n8n.importWorkflows([stored]);
	const executed = await stage.n8n.execute(stored.id);
	for (const secret of SECRETS) expect(executed.printed).not.toContain(secret);
	return executed;
}

function overRyzeApi(parameters: Parameters, extra: Partial<WorkflowNode> = {}): WorkflowNode {
	return whatsAppCall(
		NODE,
		{ connection: 'ryzeApi', ...parameters },
		stage.credentials.ryzeApi,
		extra,
	);
}

function bytesOf(base64: string | undefined): Buffer {
	return Buffer.from(base64 ?? '', 'base64');
}

describe('Call > Fake', () => {
	const fake = { resource: 'call', operation: 'fake', to: '={{ $json.to }}' };

	it('rings every item one after the other and puts out the server’s answer', async () => {
		const { execution, exitCode } = await execute(
			...itemsFrom([{ to: '+55 11 99999-9999' }, { to: '4915112345678@s.whatsapp.net' }]),
			overRyzeApi({ ...fake, ringDurationSeconds: 12 }),
		);

		const { calls, requests } = stage.contract;
		const numbers = ['5511999999999', '4915112345678'];
		expect(calls).toEqual(
			numbers.map((number) => ({
				kind: 'fake',
				instance: 'main',
				callId: expect.any(String) as string,
				number,
				duration: 12,
			})),
		);
		expect(requests.map(({ method, path, status }) => `${method} ${path} ${status}`)).toEqual([
			'POST /api/call/fake/main 200',
			'POST /api/call/fake/main 200',
		]);
		expect(requests.map(({ headers }) => headers.token)).toEqual([
			'instance-token',
			'instance-token',
		]);
		expect(itemsOf(execution, NODE)).toEqual(
			calls.map(({ callId, number }, item) => ({
				json: {
					success: true,
					message: 'Call placed successfully',
					callId,
					number,
					duration: 12,
					outcome: 'placed',
					connection: 'ryzeApi',
					placedAt: expect.stringMatching(ISO_TIME) as string,
				},
				pairedItem: { item },
			})),
		);
		expect(exitCode).toBe(0);
	});

	it('waits for the outcome when it is told to', async () => {
		stage.contract.eventsOfNextCall((callId) => [
			{ afterMs: 50, frame: callUpdate('main', { callId, type: 'offer' }) },
			{ afterMs: 100, frame: callUpdate('main', { callId, type: 'accepted' }) },
			{ afterMs: 600, frame: callUpdate('main', { callId, type: 'terminated' }) },
		]);

		const { execution } = await execute(
			overRyzeApi({ ...fake, to: '5511999999999', options: { waitForOutcome: true } }),
		);

		const [item] = itemsOf(execution, NODE);
		expect(item?.json).toMatchObject({
			success: true,
			callId: stage.contract.calls[0]?.callId,
			outcome: 'answered',
			answeredAt: expect.stringMatching(ISO_TIME) as string,
			endedAt: expect.stringMatching(ISO_TIME) as string,
		});
		expect(stage.contract.calls).toHaveLength(1);
		expect(stage.contract.openWebSockets).toBe(0);
	});
});

describe('Call > Audio', () => {
	const audio = { resource: 'call', operation: 'audio', to: '5511999999999' };

	async function playsTheClip(...nodes: WorkflowNode[]): Promise<void> {
		const { execution, exitCode } = await execute(...nodes);

		const { calls, requests } = stage.contract;
		expect(requests.map(({ path }) => path)).toEqual(['/api/call/audio/main']);
		expect(Object.keys(requests[0]?.body as object).sort()).toEqual(['mediaBase64', 'number']);
		expect(calls).toMatchObject([{ kind: 'audio', instance: 'main', number: '5511999999999' }]);
		expect(bytesOf(calls[0]?.mediaBase64).equals(readFileSync(MP3))).toBe(true);
		expect(itemsOf(execution, NODE)).toEqual([audioItem(calls[0]?.callId)]);
		expect(exitCode).toBe(0);
	}

	function audioItem(callId: string | undefined): object {
		return {
			json: {
				success: true,
				message: 'Audio call placed',
				callId,
				number: '5511999999999',
				outcome: 'placed',
				connection: 'ryzeApi',
				placedAt: expect.stringMatching(ISO_TIME) as string,
			},
			pairedItem: { item: 0 },
		};
	}

	it('plays a file that a previous node has read from disk, byte for byte', async () => {
		await playsTheClip(
			readFile(MP3),
			overRyzeApi({ ...audio, audioSource: 'binary', binaryPropertyName: 'data' }),
		);
	});

	it('plays base64 text, byte for byte', async () => {
		const audioBase64 = readFileSync(MP3).toString('base64');
		await playsTheClip(overRyzeApi({ ...audio, audioSource: 'base64', audioBase64 }));
	});

	it('plays a data URI, byte for byte and without its prefix', async () => {
		const audioBase64 = `data:audio/mpeg;base64,${readFileSync(MP3).toString('base64')}`;
		await playsTheClip(overRyzeApi({ ...audio, audioSource: 'base64', audioBase64 }));
	});

	it('hands a URL over as it is', async () => {
		const audioUrl = 'https://example.com/alert.mp3?version=1&name=caf%C3%A9';
		const { execution } = await execute(overRyzeApi({ ...audio, audioSource: 'url', audioUrl }));

		const { calls, requests } = stage.contract;
		expect(requests.map(({ body }) => body)).toEqual([
			{ number: '5511999999999', mediaUrl: audioUrl },
		]);
		expect(itemsOf(execution, NODE)).toEqual([audioItem(calls[0]?.callId)]);
	});
});

describe('Voice Message > Send', () => {
	const send = { resource: 'voiceMessage', operation: 'send' };

	it('sends a file over a RyzeAPI server, byte for byte', async () => {
		const { execution, exitCode } = await execute(
			readFile(join(CLIPS, 'alert.ogg')),
			overRyzeApi({
				...send,
				to: '120363000000000000@g.us',
				audioSource: 'binary',
				binaryPropertyName: 'data',
				replyTo: '3EB0AAAAAAAAAAAAAAAA',
				fileName: 'alert.ogg',
				mimeType: 'audio/ogg; codecs=opus',
			}),
		);

		const [sent, ...others] = stage.contract.voiceNotes;
		expect(others).toEqual([]);
		expect(sent).toMatchObject({ api: 'ryzeApi', instance: 'main' });
		const { mediaBase64, ...parameters } = sent?.parameters ?? {};
		expect(parameters).toEqual({
			number: '120363000000000000@g.us',
			mediaType: 'audio',
			isVoice: true,
			replyTo: '3EB0AAAAAAAAAAAAAAAA',
			fileName: 'alert.ogg',
			mimeType: 'audio/ogg; codecs=opus',
		});
		expect(bytesOf(mediaBase64 as string).equals(readFileSync(join(CLIPS, 'alert.ogg')))).toBe(
			true,
		);
		expect(itemsOf(execution, NODE)).toMatchObject([
			{
				json: {
					success: true,
					status: 'sent',
					messageId: sent?.messageId,
					data: { messageId: sent?.messageId },
					connection: 'ryzeApi',
				},
				pairedItem: { item: 0 },
			},
		]);
		expect(exitCode).toBe(0);
	});

	it('sends a URL over the Voice API', async () => {
		const { execution, exitCode } = await execute(
			whatsAppCall(
				NODE,
				{
					...send,
					connection: 'voiceApi',
					to: '+55 11 99999-9999',
					audioSource: 'url',
					audioUrl: 'https://example.com/alert.ogg',
					convert: false,
				},
				stage.credentials.wawpApi,
			),
		);

		const { requests, voiceNotes } = stage.contract;
		expect(requests.map(({ method, path, body }) => ({ method, path, body }))).toEqual([
			{
				method: 'POST',
				path: '/v2/send/voice',
				body: {
					instance_id: 'WAWP1',
					access_token: 'wawp-token',
					chatId: '5511999999999@c.us',
					'file[url]': 'https://example.com/alert.ogg',
					'file[filename]': 'alert.ogg',
					'file[mimetype]': 'audio/ogg; codecs=opus',
					convert: false,
				},
			},
		]);
		expect(voiceNotes).toMatchObject([{ api: 'voiceApi', instance: 'WAWP1' }]);
		expect(itemsOf(execution, NODE)).toMatchObject([
			{
				json: {
					success: true,
					messageId: `true_5511999999999@c.us_${voiceNotes[0]?.messageId}`,
					to: '5511999999999@c.us',
					connection: 'voiceApi',
				},
				pairedItem: { item: 0 },
			},
		]);
		expect(exitCode).toBe(0);
	});
});

describe('an item that fails', () => {
	const fake = { resource: 'call', operation: 'fake', to: '={{ $json.to }}' };

	it('becomes {error, code} with "continue on fail", and the others are called', async () => {
		const { execution, exitCode } = await execute(
			...itemsFrom([{ to: '5511999999999' }, { to: '12' }, { to: '4915112345678' }]),
			overRyzeApi(fake, { onError: 'continueRegularOutput' }),
		);

		expect(stage.contract.calls.map(({ number }) => number)).toEqual([
			'5511999999999',
			'4915112345678',
		]);
		const items = itemsOf(execution, NODE);
		expect(items).toHaveLength(3);
		expect(items[1]).toEqual({
			json: { error: expect.stringContaining('12') as string, code: 'INVALID_NUMBER' },
			pairedItem: { item: 1 },
		});
		expect(exitCode).toBe(0);
	});

	it('stops the workflow otherwise, and the error says what to do', async () => {
		stage.contract.setInstanceState('main', 'disconnected');

		const { execution, exitCode } = await execute(overRyzeApi({ ...fake, to: '5511999999999' }));

		const { error } = execution.data.resultData;
		expect(error?.message).toContain('not connected');
		expect(error?.description).toContain('Connect the instance');
		expect(error?.context).toMatchObject({ itemIndex: 0, code: 'INSTANCE_DISCONNECTED' });
		expect(stage.contract.calls).toEqual([]);
		expect(exitCode).not.toBe(0);
	});
});
