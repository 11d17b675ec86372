import { execFileSync } from 'node:child_process';
import { join, relative } from 'node:path';

const ROOT = join(__dirname, '../..');
const NODE_FILE = join(ROOT, 'dist/nodes/WhatsAppCall/WhatsAppCall.node.js');

/** Requires the built node in a fresh process and tells which files that loaded. */
const LOAD = `
	const before = new Set(Object.keys(require.cache));
	require(process.argv[1]);
	console.log(JSON.stringify(Object.keys(require.cache).filter((file) => !before.has(file))));
`;

function loadedFiles(file: string): string[] {
	const output = execFileSync(process.execPath, ['-e', LOAD, file], {
		env: { ...process.env, NODE_OPTIONS: '' },
		encoding: 'utf8',
	});
	return (JSON.parse(output) as string[]).map((loaded) => relative(ROOT, loaded));
}

test('requiring the built node loads nothing but itself and n8n-workflow', () => {
	const files = loadedFiles(NODE_FILE);
	const own = files.filter((file) => file.startsWith('dist/'));
	const packages = new Set(
		files
			.filter((file) => file.startsWith('node_modules/'))
			.map((file) => /^node_modules\/((@[^/]+\/)?[^/]+)/.exec(file)?.[1]),
	);
	expect(own).toContain('dist/nodes/WhatsAppCall/WhatsAppCall.node.js');
	expect(own.every((file) => /^dist\/(nodes|common)\//.test(file))).toBe(true);
	expect(packages).toContain('n8n-workflow');
	expect(packages).not.toContain('libphonenumber-js');
	expect(packages).not.toContain('ws');
	expect([...packages].filter((name) => !ofN8nWorkflow().has(name ?? ''))).toEqual([]);
});

/** What n8n-workflow brings by itself: n8n has it loaded long before any node. */
function ofN8nWorkflow(): Set<string> {
	const files = loadedFiles(require.resolve('n8n-workflow'));
	return new Set(files.map((file) => /^node_modules\/((@[^/]+\/)?[^/]+)/.exec(file)?.[1] ?? file));
}

test.each(['RyzeApi', 'WawpApi', 'WhatsAppSession'])(
	'requiring the built credential %s loads only itself',
	(name) => {
		const file = `dist/credentials/${name}.credentials.js`;
		expect(loadedFiles(join(ROOT, file))).toEqual([file]);
	},
);
