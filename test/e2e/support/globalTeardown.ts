import { rm } from 'node:fs/promises';
import { prepared } from './prepared';

/** Removes what the global setup has made, except n8n itself. */
export default async function globalTeardown(): Promise<void> {
	await rm(prepared().template, { recursive: true, force: true });
}
