import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Locator, Page } from 'playwright-core';
import { OWNER } from './n8nRest';
import { waitUntil } from './waitUntil';

const EXECUTION_TIMEOUT_MS = 20_000;
const TOOLTIP_TIMEOUT_MS = 5_000;

/** n8n's editor in a browser page, in the words of somebody who uses it. */
export class Editor {
	private constructor(
		private readonly page: Page,
		private readonly url: string,
	) {}

	/** Logs the owner in. */
	static async open(page: Page, url: string): Promise<Editor> {
		await page.goto(`${url}/signin`);
		await page.fill('input[name="emailOrLdapLoginId"]', OWNER.email);
		await page.fill('input[type="password"]', OWNER.password);
		await page.click('[data-test-id="form-submit-button"]');
		await page.waitForURL(({ pathname }) => !pathname.startsWith('/signin'));
		return new Editor(page, url);
	}

	async openNewWorkflow(): Promise<void> {
		await this.page.goto(`${this.url}/workflow/new`);
		await this.part('canvas-plus-button').waitFor();
	}

	async openWorkflow(id: string): Promise<void> {
		await this.page.goto(`${this.url}/workflow/${id}`);
		await this.part('canvas-node').first().waitFor();
	}

	/** Opens the node creator and types; returns the names of what is found. */
	async searchNodes(text: string): Promise<string[]> {
		const button = this.part('canvas-plus-button').or(this.part('node-creator-plus-button'));
		await button.first().click();
		await this.part('node-creator-search-bar').fill(text);
		const names = this.part('node-creator-item-name');
		// The list is made anew a moment after typing: the first match of the new one is awaited.
		await names
			.filter({ hasText: new RegExp(text, 'i') })
			.first()
			.waitFor();
		return await this.foundNames();
	}

	/** Of the nodes found: opens the list of what one can do. */
	async openActions(node: string): Promise<void> {
		await this.part('node-creator-item-name').filter({ hasText: node }).first().click();
		await this.part('node-creator-search-bar').waitFor({ state: 'hidden' });
	}

	/** The names in the list that the node creator shows. */
	async foundNames(): Promise<string[]> {
		return await this.part('node-creator-item-name').allInnerTexts();
	}

	/** Of the list of actions: adds the node with one of them, which opens its panel. */
	async addAction(action: string): Promise<void> {
		await this.part('node-creator-item-name').filter({ hasText: action }).click();
		await this.part('node-parameters').waitFor();
	}

	async closeNodeCreator(): Promise<void> {
		await this.page.keyboard.press('Escape');
		await this.part('node-creator-search-bar').waitFor({ state: 'hidden' });
	}

	async openPanel(node: string): Promise<void> {
		await this.node(node).dblclick({ position: { x: 10, y: 10 } });
		await this.part('node-parameters').waitFor();
	}

	async closePanel(): Promise<void> {
		await this.page.keyboard.press('Escape');
		await this.part('node-parameters').waitFor({ state: 'hidden' });
	}

	/** Everything that one reads between the tabs and the end of the open panel, line by line. */
	async panelLines(): Promise<string[]> {
		const panel = this.part('node-parameters');
		await panel.getByText('Loading fields').waitFor({ state: 'hidden' });
		const text = await panel.innerText();
		return text.split('\n').map((line) => line.trim());
	}

	async fillParameter(name: string, text: string): Promise<void> {
		await this.part(`parameter-input-${name}`).locator('input').fill(text);
	}

	/** Shows the open panel's input by the names of its fields, not the file with its path. */
	async showInputSchema(): Promise<void> {
		await this.part('ndv-input-panel').locator('[data-test-id="radio-button-schema"]').click();
	}

	/** Executes the node of the open panel and returns the items of its output. */
	async executeStep(): Promise<unknown> {
		await this.part('node-execute-button').click();
		await this.part('output-panel')
			.locator('[data-test-id="node-run-status-success"]')
			.waitFor({ timeout: EXECUTION_TIMEOUT_MS });
		return await this.output();
	}

	/** Shows the output of the open panel as JSON and reads it. */
	async output(): Promise<unknown> {
		const panel = this.part('output-panel');
		await panel.locator('[data-test-id="radio-button-json"]').click();
		const tree = panel.locator('.vjs-tree');
		return await waitUntil(
			'The output',
			// The tree is indented by spaces that JSON does not know.
			async () => JSON.parse((await tree.innerText()).replaceAll('\u00a0', ' ')) as unknown,
			EXECUTION_TIMEOUT_MS,
		);
	}

	/** Executes the whole workflow, until these nodes have succeeded, each within the time. */
	async executeWorkflow(nodes: string[], timeoutMs = EXECUTION_TIMEOUT_MS): Promise<void> {
		await this.part('execute-workflow-button').click();
		for (const node of nodes) {
			await this.node(node)
				.locator('[data-test-id="canvas-node-status-success"]')
				.waitFor({ timeout: timeoutMs });
		}
	}

	async zoomToFit(): Promise<void> {
		await this.part('zoom-to-fit').click();
	}

	/** Takes a picture of the page, without notifications and without a trace of the mouse. */
	async picture(file: string): Promise<void> {
		await mkdir(dirname(file), { recursive: true });
		await this.dismissNotifications();
		await this.page.mouse.move(0, 0);
		await waitUntil(
			'The end of the tooltips',
			async () => (await this.page.locator('.el-popper:visible').count()) === 0 || undefined,
			TOOLTIP_TIMEOUT_MS,
		);
		await this.page.evaluate(async () => {
			// To click is to scroll into view, also where a person could not scroll.
			for (const element of document.querySelectorAll('div')) element.scrollLeft = 0;
			await document.fonts.ready;
		});
		await this.page.screenshot({ path: file, animations: 'disabled', caret: 'hide' });
	}

	private async dismissNotifications(): Promise<void> {
		const buttons = this.page.locator('.el-notification__closeBtn');
		while ((await buttons.count()) > 0) {
			const button = buttons.first();
			await button.click();
			await button.waitFor({ state: 'detached' });
		}
	}

	private node(name: string): Locator {
		return this.page.locator(`[data-test-id="canvas-node"][data-node-name="${name}"]`);
	}

	private part(testId: string): Locator {
		return this.page.locator(`[data-test-id="${testId}"]`);
	}
}
