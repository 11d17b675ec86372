import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { npm } from './npm';
import { readPackageName } from './paths';
import { runCommandOrThrow } from './runCommand';

const UNTAR_TIMEOUT_MS = 60_000;

/** What n8n passes to npm when it installs a community package. */
const N8N_INSTALL_ARGS = [
	'install',
	'--audit=false',
	'--fund=false',
	'--bin-links=false',
	'--install-strategy=shallow',
	'--ignore-scripts=true',
	'--package-lock=false',
];

interface PackageJson {
	name: string;
	version: string;
	devDependencies?: object;
	peerDependencies?: object;
	optionalDependencies?: object;
}

/**
 * Packs a community package and installs it into a user folder, step by step as n8n does it when
 * somebody presses "Install" under Settings > Community nodes.
 *
 * @param source folder of the built package
 * @param userFolder the later `N8N_USER_FOLDER`
 * @param nodeBinary the Node.js that npm runs on
 * @returns the folder of the installed package
 */
export async function installPackage(
	source: string,
	userFolder: string,
	nodeBinary: string,
): Promise<string> {
	const nodesFolder = join(userFolder, '.n8n', 'nodes');
	const folder = join(nodesFolder, 'node_modules', readPackageName(source));
	await mkdir(folder, { recursive: true });

	await packInto(source, folder, nodeBinary);
	const { name, version } = await dropUnwantedDependencies(join(folder, 'package.json'));
	await npm(N8N_INSTALL_ARGS, { cwd: folder, nodeBinary });

	const list = { name: 'installed-nodes', private: true, dependencies: { [name]: version } };
	await writeFile(join(nodesFolder, 'package.json'), JSON.stringify(list, null, 2));
	return folder;
}

/** Puts what `npm publish` would upload into a folder. */
async function packInto(source: string, folder: string, nodeBinary: string): Promise<void> {
	const temporary = await mkdtemp(join(tmpdir(), 'whatsapp-call-pack-'));
	try {
		await npm(['pack', '--quiet', '--pack-destination', temporary], { cwd: source, nodeBinary });
		const [tarball] = await readdir(temporary);
		if (tarball === undefined) throw new Error(`npm pack made nothing of ${source}`);
		await runCommandOrThrow('tar', ['-xzf', tarball, '-C', folder, '--strip-components=1'], {
			cwd: temporary,
			env: process.env,
			timeoutMs: UNTAR_TIMEOUT_MS,
		});
	} finally {
		await rm(temporary, { recursive: true, force: true });
	}
}

async function dropUnwantedDependencies(path: string): Promise<PackageJson> {
	const wanted = JSON.parse(await readFile(path, 'utf8')) as PackageJson;
	delete wanted.devDependencies;
	delete wanted.peerDependencies;
	delete wanted.optionalDependencies;
	await writeFile(path, JSON.stringify(wanted, null, 2));
	return wanted;
}
