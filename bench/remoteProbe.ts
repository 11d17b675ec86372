import { randomBytes } from 'node:crypto';
import type { INodeExecutionData, INodeParameters } from 'n8n-workflow';
import '../test/support/jestSetup';
import { runNode } from '../test/support/runNode';

const BYTES_PER_MEGABYTE = 1024 * 1024;
const KILOBYTES_PER_MEGABYTE = 1024;

/** Runs one audio call in this process and prints the growth of its peak memory (see remote.ts). */
async function main([url = '', source = '', sizeMb = '']: string[]): Promise<void> {
	await call(url, source, 64 * 1024);
	const item = itemOf(source, Number(sizeMb) * BYTES_PER_MEGABYTE);
	global.gc?.();
	const before = process.memoryUsage().rss;
	const startedAt = performance.now();
	await call(url, source, item);
	const seconds = (performance.now() - startedAt) / 1000;
	const peak = process.resourceUsage().maxRSS * KILOBYTES_PER_MEGABYTE;
	console.log(JSON.stringify({ growthMb: (peak - before) / BYTES_PER_MEGABYTE, seconds }));
	process.exit();
}

function itemOf(source: string, byteLength: number): INodeExecutionData {
	const data = randomBytes(byteLength).toString('base64');
	return source === 'binary'
		? { json: {}, binary: { data: { data, mimeType: 'audio/mpeg' } } }
		: { json: { data } };
}

async function call(url: string, source: string, of: number | INodeExecutionData): Promise<void> {
	const item = typeof of === 'number' ? itemOf(source, of) : of;
	const parameters: INodeParameters = {
		connection: 'ryzeApi',
		resource: 'call',
		operation: 'audio',
		to: '5511999999999',
		audioSource: source,
		...(source === 'base64' && { audioBase64: '={{ $json.data }}' }),
	};
	const { items, error } = await runNode({
		parameters,
		items: [item],
		credentials: { ryzeApi: { baseUrl: url, instance: 'main', token: 'instance-token' } },
		summary: true,
	});
	if (items[0]?.json.success !== true) {
		throw new Error(`The call failed: ${error?.message ?? 'no item'}`);
	}
}

void main(process.argv.slice(2));
