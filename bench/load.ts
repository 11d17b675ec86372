import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

const PROCESSES = 20;
const ROOT = join(__dirname, '../..');
const NODE_FILE = join(ROOT, 'dist/nodes/WhatsAppCall/WhatsAppCall.node.js');

/** n8n has n8n-workflow loaded before any node: its time is told apart from ours. */
const LOAD = `
	const start = process.hrtime.bigint();
	require('n8n-workflow');
	const between = process.hrtime.bigint();
	require(process.argv[1]);
	const end = process.hrtime.bigint();
	console.log(JSON.stringify({
		n8nWorkflowMs: Number(between - start) / 1e6,
		nodeMs: Number(end - between) / 1e6,
	}));
`;

interface Times {
	n8nWorkflowMs: number;
	nodeMs: number;
}

/** Prints what requiring the node costs every process of n8n: the median over fresh processes. */
export async function measure(): Promise<void> {
	const times = Array.from({ length: PROCESSES }, () => {
		const output = execFileSync(process.execPath, ['-e', LOAD, NODE_FILE], {
			cwd: ROOT,
			encoding: 'utf8',
			env: { ...process.env, NODE_OPTIONS: '' },
		});
		return JSON.parse(output) as Times;
	});
	const nodeMs = times.map((one) => one.nodeMs).sort((a, b) => a - b);
	const n8nWorkflowMs = times.map((one) => one.n8nWorkflowMs).sort((a, b) => a - b);
	console.log(`require of the node file, ${PROCESSES} fresh processes`);
	console.log(`  median  ${median(nodeMs).toFixed(1)} ms`);
	console.log(`  range   ${nodeMs[0]?.toFixed(1)} to ${nodeMs.at(-1)?.toFixed(1)} ms`);
	console.log(
		`  beside  n8n-workflow itself, which n8n loads anyway: ${median(n8nWorkflowMs).toFixed(1)} ms`,
	);
}

function median(sorted: number[]): number {
	const middle = sorted.length / 2;
	return ((sorted[Math.floor(middle)] ?? 0) + (sorted[Math.ceil(middle) - 1] ?? 0)) / 2;
}
