import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ryzeApi, SECRETS, wawpApi } from './support/credentials';
import { REPOSITORY, PACKAGE_NAME } from './support/paths';
import { openServerStage } from './support/stage';
import type { ServerStage } from './support/stage';
import { webhookTrigger, whatsAppCall, workflow } from './support/workflow';
import type { Workflow, WorkflowNode } from './support/workflow';

const fake = { connection: 'ryzeApi', resource: 'call', operation: 'fake' };

let stage: ServerStage;
let ring: Workflow;
let ringAndGoOn: Workflow;

beforeAll(async () => {
	stage = await openServerStage((credentials) => {
		const call = (extra: Partial<WorkflowNode>): WorkflowNode =>
			whatsAppCall(
				'Ring',
				{ ...fake, to: '={{ $json.body.to }}', ringDurationSeconds: 5 },
				credentials.ryzeApi,
				extra,
			);
		ring = workflow('Ring', [webhookTrigger('ring'), call({})]);
		ringAndGoOn = workflow('Ring and go on', [
			webhookTrigger('ring-and-go-on'),
			call({ onError: 'continueRegularOutput' }),
		]);
		return [ring, ringAndGoOn];
	});
	await stage.rest.activate(ring.id);
	await stage.rest.activate(ringAndGoOn.id);
});

beforeEach(() => {
	stage.contract.reset();
});

afterAll(async () => {
	await stage.close();
});

it('loads the node with its icon, its codex file and its form as a tool', async () => {
	const nodes = await stage.rest.nodeTypes();
	const node = nodes.find(({ name }) => name === `${PACKAGE_NAME}.whatsAppCall`);
	expect(node).toMatchObject({
		displayName: 'WhatsApp Call',
		codex: {
			alias: expect.arrayContaining(['call', 'phone', 'ring', 'alert', 'voice']) as string[],
		},
	});
	expect(nodes.map(({ name }) => name)).toContain(`${PACKAGE_NAME}.whatsAppCallTool`);

	const { iconUrl } = node as { iconUrl?: { light: string; dark: string } };
	for (const [theme, file] of [
		['light', 'whatsAppCall.svg'],
		['dark', 'whatsAppCall.dark.svg'],
	] as const) {
		const icon = await fetch(`${stage.server.url}/${iconUrl?.[theme]}`);
		expect(icon.status).toBe(200);
		expect(await icon.text()).toBe(
			readFileSync(join(REPOSITORY, 'nodes/WhatsAppCall', file), 'utf8'),
		);
	}
});

describe('a workflow behind a webhook', () => {
	it('rings, and answers with the report', async () => {
		const answer = await stage.rest.callWebhook('ring', { to: '+55 11 99999-9999' });

		const [call, ...others] = stage.contract.calls;
		expect(others).toEqual([]);
		expect(call).toMatchObject({ kind: 'fake', number: '5511999999999', duration: 5 });
		expect(answer).toMatchObject({
			status: 200,
			body: [{ success: true, callId: call?.callId, duration: 5, outcome: 'placed' }],
		});
	});

	it('fails for a number that is none, without asking the server', async () => {
		const answer = await stage.rest.callWebhook('ring', { to: '12' });

		expect(answer.status).toBe(500);
		expect(stage.contract.requests).toEqual([]);
	});

	it('answers {error, code} with "continue on fail"', async () => {
		stage.contract.failNext({
			kind: 'answer',
			status: 401,
			body: { success: false, error: { message: 'Invalid token' } },
		});

		const answer = await stage.rest.callWebhook('ring-and-go-on', { to: '5511999999999' });

		expect(answer).toEqual({
			status: 200,
			body: [{ error: expect.stringContaining('Invalid token') as string, code: 'UNAUTHORIZED' }],
		});
	});

	it('leaves no secret in what n8n has stored and printed', async () => {
		const executions = [
			...(await stage.rest.executions(ring.id)),
			...(await stage.rest.executions(ringAndGoOn.id)),
		];
		expect(executions.length).toBeGreaterThanOrEqual(3);
		for (const secret of SECRETS) {
			expect(JSON.stringify(executions)).not.toContain(secret);
			expect(stage.server.printed).not.toContain(secret);
		}
	});
});

describe('the test of a RyzeAPI credential', () => {
	it('says that it is right', async () => {
		await expect(stage.rest.testCredential(ryzeApi(stage.contract.url))).resolves.toMatchObject({
			status: 'OK',
		});
		expect(stage.contract.requests.map(({ method, path }) => `${method} ${path}`)).toEqual([
			'GET /api/instance/list',
		]);
	});

	it('tells a wrong token, an unknown instance and one that is not connected apart', async () => {
		const { contract, rest } = stage;
		const wrongToken = await rest.testCredential(ryzeApi(contract.url, { token: 'wrong' }));
		const unknown = await rest.testCredential(ryzeApi(contract.url, { instance: 'nobody' }));
		contract.setInstanceState('main', 'disconnected');
		const disconnected = await rest.testCredential(ryzeApi(contract.url));

		expect(wrongToken).toEqual({
			status: 'Error',
			message: expect.stringMatching(/token/i) as string,
		});
		expect(unknown).toEqual({
			status: 'Error',
			message: expect.stringContaining('no instance "nobody"') as string,
		});
		expect(disconnected).toEqual({
			status: 'Error',
			message: expect.stringContaining('not connected') as string,
		});
	});

	it('says that nobody is there', async () => {
		const nobody = await stage.rest.testCredential(ryzeApi('http://127.0.0.1:1'));
		expect(nobody).toMatchObject({
			status: 'Error',
			message: expect.stringMatching(/\S/) as string,
		});
	});
});

describe('the test of a Voice API credential', () => {
	it.each(['body', 'query', 'queryAndBody'])(
		'says that it is right with parameters in %s, and sends nothing',
		async (sendParametersAs) => {
			const credential = wawpApi(stage.contract.url, { sendParametersAs });
			await expect(stage.rest.testCredential(credential)).resolves.toMatchObject({ status: 'OK' });
			expect(stage.contract.requests).toHaveLength(1);
			expect(stage.contract.voiceNotes).toEqual([]);
		},
	);

	it('says that the access token is wrong', async () => {
		const credential = wawpApi(stage.contract.url, { accessToken: 'wrong' });
		await expect(stage.rest.testCredential(credential)).resolves.toEqual({
			status: 'Error',
			message: expect.stringMatching(/token/i) as string,
		});
	});
});
