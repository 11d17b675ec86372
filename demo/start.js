'use strict';

// `npm run demo`: builds the package and the demo at the same time, then starts it.
const { spawn } = require('node:child_process');
const { join } = require('node:path');
const { promisify } = require('node:util');
const { assets, clean } = require('../gulpfile');

const ROOT = join(__dirname, '..');
const TSC = require.resolve('typescript/bin/tsc');

/** Runs a script of Node.js to its end; its output is shown. */
async function run(...args) {
	const child = spawn(process.execPath, args, { cwd: ROOT, stdio: 'inherit' });
	await new Promise((resolve, reject) => {
		child.once('error', reject);
		child.once('exit', (code) => {
			if (code === 0) resolve();
			else reject(new Error(`The build failed: ${args.join(' ')}`));
		});
	});
}

/** What `npm run build` makes, byte for byte. Types are checked there: here nobody waits for it. */
async function buildPackage() {
	await clean();
	await run(TSC, '--project', 'tsconfig.json', '--noCheck');
	await promisify(assets)();
}

async function main() {
	process.stdout.write('Building …\n');
	const startedAt = Date.now();
	await Promise.all([buildPackage(), run(TSC, '--project', 'demo/tsconfig.json')]);
	process.stdout.write(`Built, after ${((Date.now() - startedAt) / 1000).toFixed(1)} s.\n`);
	require('../build/demo/main.js');
}

main().catch((error) => {
	process.stderr.write(`${error.message}\n`);
	process.exitCode = 1;
});
