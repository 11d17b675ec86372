import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { callUpdate } from '../support/contractServer';
import { alertWorkflow, CALLERS } from './support/alertWorkflow';
import { openBrowser } from './support/browser';
import type { OpenBrowser } from './support/browser';
import { Editor } from './support/editor';
import { DEFAULT_N8N_VERSION, requestedN8nVersion } from './support/n8nInstall';
import { CLIPS, REPOSITORY } from './support/paths';
import { openServerStage } from './support/stage';
import type { ServerStage } from './support/stage';
import type { Workflow } from './support/workflow';

const version = requestedN8nVersion();

/** Where the pictures of the documentation lie; those of other n8n versions are not committed. */
const PICTURES = join(
	REPOSITORY,
	'docs/images',
	version === DEFAULT_N8N_VERSION ? '' : `n8n-${version}`,
);

let stage: ServerStage;
let alert: Workflow;
let browser: OpenBrowser;
let editor: Editor;

beforeAll(async () => {
	stage = await openServerStage(({ ryzeApi }) => {
		alert = alertWorkflow(ryzeApi);
		return [alert];
	});
	browser = await openBrowser();
	editor = await Editor.open(browser.page, stage.server.url);
});

beforeEach(() => {
	stage.contract.reset();
});

afterAll(async () => {
	await browser?.close();
	await stage?.close();
});

async function picture(name: string): Promise<void> {
	await editor.picture(join(PICTURES, `${name}.png`));
}

describe('a new workflow', () => {
	it('finds the node by "whatsapp call" and offers its three actions', async () => {
		await editor.openNewWorkflow();
		expect(await editor.searchNodes('whatsapp call')).toContain('WhatsApp Call');
		await editor.openActions('WhatsApp Call');
		expect(await editor.foundNames()).toEqual(
			expect.arrayContaining([
				'Call and play a recording',
				'Ring a phone and hang up',
				'Send a voice message',
			]),
		);
	});

	it('shows the fields of the action that was added', async () => {
		await editor.addAction('Ring a phone and hang up');
		expect(await editor.panelLines()).toEqual(
			expect.arrayContaining([
				'Connection',
				'Resource',
				'Operation',
				'To',
				'Ring Duration (Seconds)',
				'Options',
			]),
		);
	});

	it('executes the step and shows its output', async () => {
		await editor.fillParameter('to', '5511999999999');
		const output = await editor.executeStep();

		const [call, ...others] = stage.contract.calls;
		expect(others).toEqual([]);
		expect(call).toMatchObject({ kind: 'fake', number: '5511999999999', duration: 8 });
		expect(output).toMatchObject([
			{
				success: true,
				callId: call?.callId,
				duration: 8,
				outcome: 'placed',
				connection: 'ryzeApi',
			},
		]);
	});
});

describe('a workflow with all three operations', () => {
	it('runs from the editor, and the recording arrives byte for byte', async () => {
		stage.contract.eventsOfNextCall((callId) => [
			{ afterMs: 50, frame: callUpdate('main', { callId, type: 'offer' }) },
			{ afterMs: 100, frame: callUpdate('main', { callId, type: 'accepted' }) },
			{ afterMs: 600, frame: callUpdate('main', { callId, type: 'terminated' }) },
		]);
		await editor.openWorkflow(alert.id);
		await editor.executeWorkflow(Object.values(CALLERS));

		const clip = readFileSync(join(CLIPS, 'alert.mp3')).toString('base64');
		const { calls, voiceNotes } = stage.contract;
		expect(calls.map(({ kind }) => kind)).toEqual(['fake', 'audio']);
		expect(calls[1]?.mediaBase64 === clip).toBe(true);
		expect(voiceNotes.map(({ parameters }) => parameters.mediaBase64 === clip)).toEqual([true]);
		await editor.zoomToFit();
		await picture('node-in-editor');
	});

	it.each([
		['panel-fake', CALLERS.fake, ['To', 'Ring Duration (Seconds)', 'Options'], 'answered'],
		['panel-audio', CALLERS.audio, ['To', 'Audio Source', 'Input Binary Field'], 'placed'],
		[
			'panel-voice',
			CALLERS.voice,
			['To', 'Audio Source', 'Input Binary Field', 'Reply To', 'File Name', 'MIME Type'],
			undefined,
		],
	])('shows fields and output together: %s', async (name, node, fields, outcome) => {
		await editor.openPanel(node);
		expect(await editor.panelLines()).toEqual(expect.arrayContaining(fields));
		const [item] = (await editor.output()) as [Record<string, unknown>];
		expect(item).toMatchObject({ success: true, connection: 'ryzeApi' });
		expect(item.outcome).toBe(outcome);
		await editor.showInputSchema();
		await picture(name);
		await editor.closePanel();
	});

	it('offers the node as the next step', async () => {
		expect(await editor.searchNodes('whatsapp call')).toContain('WhatsApp Call');
		await picture('node-search');
		await editor.closeNodeCreator();
	});
});
