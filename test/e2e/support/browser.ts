import { chromium } from 'playwright-core';
import type { Browser, Page } from 'playwright-core';

const LOOPBACK = new Set(['127.0.0.1', 'localhost']);

/** For whatever one does in the page: it all happens on this machine. */
const ACTION_TIMEOUT_MS = 15_000;

const FLAGS = [
	'--no-sandbox',
	'--disable-gpu',
	'--disable-quic',
	'--no-first-run',
	'--disable-background-networking',
	'--disable-component-update',
	'--disable-sync',
];

/** A headless Chromium with one page that reaches nothing but this machine. */
export interface OpenBrowser {
	page: Page;
	close(): Promise<void>;
}

/** Starts the Chromium of `CHROMIUM_PATH`, else `/usr/bin/chromium`. */
export async function openBrowser(): Promise<OpenBrowser> {
	const browser: Browser = await chromium.launch({
		executablePath: process.env.CHROMIUM_PATH || '/usr/bin/chromium',
		headless: true,
		args: FLAGS,
	});
	const context = await browser.newContext({
		viewport: { width: 1360, height: 850 },
		deviceScaleFactor: 1,
		colorScheme: 'light',
		locale: 'en-US',
		timezoneId: 'UTC',
		reducedMotion: 'reduce',
	});
	await context.route(
		({ hostname }) => !LOOPBACK.has(hostname),
		async (route) => await route.abort(),
	);
	const page = await context.newPage();
	page.setDefaultTimeout(ACTION_TIMEOUT_MS);
	return { page, close: async () => await browser.close() };
}
