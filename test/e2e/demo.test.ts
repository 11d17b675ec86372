import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Locator, Page } from 'playwright-core';
import { openBrowser } from './support/browser';
import type { OpenBrowser } from './support/browser';
import { DemoProcess } from './support/demoProcess';
import { Editor } from './support/editor';
import { REPOSITORY } from './support/paths';
import { runCommandOrThrow } from './support/runCommand';
import { waitUntil } from './support/waitUntil';

const PICTURES = join(REPOSITORY, 'docs/images');
const TOUR_TIMEOUT_MS = 60_000;
const N8N_TIMEOUT_MS = 110_000;
const CALL_TIMEOUT_MS = 30_000;
const WORKFLOW_TIMEOUT_MS = 45_000;

let demo: DemoProcess;
let browser: OpenBrowser;
let page: Page;

beforeAll(async () => {
	demo = DemoProcess.start('--n8n');
	browser = await openBrowser();
	({ page } = browser);
	await page.setViewportSize({ width: 1180, height: 860 });
	await mkdir(PICTURES, { recursive: true });
	await page.goto(await demo.says(/(http:\/\/127\.0\.0\.1:\d+)/));
});

afterAll(async () => {
	await browser?.close();
	await demo?.end('SIGINT');
});

async function picture(name: string): Promise<void> {
	await page.mouse.move(0, 0);
	await page.screenshot({ path: join(PICTURES, `${name}.png`), animations: 'disabled' });
}

const button = (name: string): Locator => page.getByRole('button', { name, exact: true });
/** What the phone lists, newest first. */
const entry = (text: string): Locator => page.locator('#recent li').filter({ hasText: text });
const newestRun = (): Locator => page.locator('#runs li').first();

/** Plays something and waits until one would have heard a bit of it. */
async function plays(where: Locator): Promise<void> {
	await where.getByRole('button', { name: /^Play/ }).click();
	const audio = where.locator('audio');
	await waitUntil(
		'Sound',
		async () => {
			const at = await audio.evaluate((element) => (element as HTMLAudioElement).currentTime);
			return at > 1.5 ? at : undefined;
		},
		5_000,
	);
	await where.getByRole('button', { name: /^Pause/ }).click();
}

describe('the page, while the demo shows everything', () => {
	it('rings, and counts down to its own answer', async () => {
		await entry('Missed voice call').waitFor({ timeout: CALL_TIMEOUT_MS });
		await button('Answer').waitFor({ timeout: CALL_TIMEOUT_MS });
		expect(await page.locator('#call').innerText()).toMatch(
			/n8n node[^]*Answers by itself in \d s/,
		);
		expect(await button('Decline').isVisible()).toBe(true);
		await page.getByText('Answers by itself in 2 s').waitFor();
		await picture('demo-ringing');
	});

	it('answers by itself, and hears the recording', async () => {
		await button('Hang up').waitFor({ timeout: CALL_TIMEOUT_MS });
		await page.getByText(/heard [3-9]\.\d s/).waitFor({ timeout: CALL_TIMEOUT_MS });
	});

	it('plays what was heard, and the voice note', async () => {
		const call = entry('Matches the recording: 0.9');
		await call.waitFor({ timeout: CALL_TIMEOUT_MS });
		const note = entry('Voice note');
		await note.waitFor({ timeout: CALL_TIMEOUT_MS });
		await plays(note);
		await plays(call);
		await picture('demo-heard');
		await page.emulateMedia({ colorScheme: 'dark' });
		await picture('demo-dark');
		await page.emulateMedia({ colorScheme: 'light' });
	});

	it('shows the stanzas, and what is in them', async () => {
		const line = page.locator('#log li').filter({ hasText: 'call › offer' }).first();
		await line.click();
		expect(await line.locator('pre').innerText()).toMatch(/^<call [^]*<offer [^]*<enc /);
		await line.click();
		const visible = page.locator('#log li:visible');
		const few = await visible.count();
		await page.getByLabel('Calls and messages only').uncheck();
		expect(await visible.count()).toBeGreaterThan(few);
		await page.getByLabel('Calls and messages only').check();
	});

	it('fits a narrow window', async () => {
		await page.setViewportSize({ width: 390, height: 860 });
		const wide = await page.evaluate(() => document.documentElement.scrollWidth);
		await page.setViewportSize({ width: 1180, height: 860 });
		expect(wide).toBeLessThanOrEqual(390);
	});

	it('prints the three reports, and that all is well', async () => {
		await demo.says(/(All is well), after/, TOUR_TIMEOUT_MS);
		expect(demo.reports).toMatchObject([
			{ outcome: 'noAnswer', rang: true, connection: 'embedded' },
			{
				outcome: 'answered',
				heard: true,
				playedSeconds: expect.closeTo(4.8, 1) as number,
				connection: 'embedded',
			},
			{ success: true, messageId: expect.any(String) as string, connection: 'embedded' },
		]);
	});
});

describe('the buttons of the page', () => {
	it('decline a call', async () => {
		await page.getByLabel('Answers by itself after 3 s').uncheck({ force: true });
		await button('Ring and hang up').click();
		await button('Decline').click();
		await newestRun().getByText('declined', { exact: true }).waitFor();
		await entry('Declined').waitFor();
	});

	it('answer a call, and hang up', async () => {
		await button('Play a recording').click();
		await button('Answer').waitFor();
		expect(await button('Ring and hang up').isDisabled()).toBe(true);
		await button('Answer').click();
		await page.getByText(/heard [1-9]\.\d s/).waitFor();
		await button('Hang up').click();
		await newestRun().getByText('answered', { exact: true }).waitFor();
		await entry('hung up here').getByRole('button', { name: /^Play/ }).waitFor();
		await newestRun().locator('summary').click();
		expect(await newestRun().innerText()).toContain('"endedBy": "recipient"');
		await page.getByLabel('Answers by itself after 3 s').check({ force: true });
	});

	it('say what is wrong, and let nobody else in', async () => {
		const url = new URL(page.url()).origin;
		const refused = await fetch(`${url}/answer`, { method: 'POST' });
		expect([refused.status, await refused.json()]).toEqual([
			409,
			{ error: expect.stringContaining('does not ring') as string },
		]);
		const foreign = { method: 'POST', headers: { origin: 'https://example.com' } };
		expect((await fetch(`${url}/fake`, foreign)).status).toBe(403);
		expect((await fetch(`${url}/nothing`)).status).toBe(404);
	});
});

describe('what the demo starts beside the phone', () => {
	it(
		'is an n8n whose workflows are ready to run',
		async () => {
			const url = await demo.says(/n8n is at (http:\S+):/, N8N_TIMEOUT_MS);
			const context = await browser.page.context().browser()?.newContext();
			if (context === undefined) throw new Error('The browser has gone');
			const editor = await Editor.open(await context.newPage(), url);
			await editor.openWorkflow('audioCallFile001');
			await editor.executeWorkflow(
				['Play the Recording', 'Somebody Answered'],
				WORKFLOW_TIMEOUT_MS,
			);
			await entry('Server').first().getByRole('button', { name: /^Play/ }).waitFor();
			await editor.openWorkflow('callOrVoiceNote1');
			await editor.executeWorkflow(['Call and Play', 'Heard It'], WORKFLOW_TIMEOUT_MS);
			await entry('n8n').filter({ hasNotText: 'n8n node' }).first().waitFor();
			await context.close();
		},
		N8N_TIMEOUT_MS + 2 * WORKFLOW_TIMEOUT_MS,
	);

	it('is a server, which the printed lines call through', async () => {
		const commands = page.locator('#commands pre');
		await commands.first().waitFor();
		expect(await commands.count()).toBe(3);
		for (const [index, answer] of [
			/"callId":/,
			/"outcome": ?"answered"/,
			/"messageId":/,
		].entries()) {
			const command = await commands.nth(index).innerText();
			expect(demo.printed).toContain(command);
			const { stdout } = await runCommandOrThrow('sh', ['-c', command], {
				cwd: REPOSITORY,
				env: { PATH: process.env.PATH },
				timeoutMs: CALL_TIMEOUT_MS,
			});
			expect(stdout).toMatch(answer);
		}
		await page.locator('#recent .note').nth(1).waitFor();
	}, 60_000);

	it('ends with it, by Ctrl-C', async () => {
		expect(await demo.end('SIGINT')).toBe(0);
		await page.getByText('The demo has ended').waitFor();
	});
});

it('ends by itself with --exit', async () => {
	const scripted = DemoProcess.start('--exit');
	expect(await scripted.end()).toBe(0);
	expect(scripted.printed).toMatch(/correlation 0\.9/);
	expect(scripted.reports).toHaveLength(3);
}, 60_000);

it('ends with code 1 when the phone did not hear the recording', async () => {
	const scripted = DemoProcess.start('--exit');
	const url = await scripted.says(/(http:\/\/127\.0\.0\.1:\d+)/);
	const impatient = setInterval(() => {
		void fetch(`${url}/decline`, { method: 'POST' }).catch(() => undefined);
	}, 200);
	expect(await scripted.end()).toBe(1);
	clearInterval(impatient);
	expect(scripted.printed).toContain('WRONG: The phone did not hear the clip');
}, 60_000);
