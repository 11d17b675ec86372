import {
	copyFileSync,
	mkdirSync,
	mkdtempSync,
	readdirSync,
	readFileSync,
	rmSync,
	writeFileSync,
} from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { ModuleKind, ScriptTarget, transpileModule } from 'typescript';

const ROOT = join(__dirname, '..', '..', '..');
const ROOMS = ['cli', 'common', 'engine', 'server'];

/** The command line as JavaScript. Lies in build/, so that packages are found from there. */
export interface Compiled {
	/** Path of the entry. */
	entry: string;
	remove(): void;
}

export function compileCli(): Compiled {
	mkdirSync(join(ROOT, 'build'), { recursive: true });
	const folder = mkdtempSync(join(ROOT, 'build', 'cli-test-'));
	copyFileSync(join(ROOT, 'package.json'), join(folder, 'package.json'));
	for (const source of [join(ROOT, 'cli.ts'), ...ROOMS.flatMap(sourcesOf)]) {
		const { outputText } = transpileModule(readFileSync(source, 'utf8'), {
			fileName: source,
			compilerOptions: {
				module: ModuleKind.Node16,
				target: ScriptTarget.ES2022,
				esModuleInterop: true,
			},
		});
		const target = join(folder, 'dist', relative(ROOT, source).replace(/\.ts$/, '.js'));
		mkdirSync(dirname(target), { recursive: true });
		writeFileSync(target, outputText);
	}
	return {
		entry: join(folder, 'dist', 'cli.js'),
		remove: () => rmSync(folder, { recursive: true, force: true }),
	};
}

function sourcesOf(room: string): string[] {
	return readdirSync(join(ROOT, room), { recursive: true, encoding: 'utf8' })
		.filter((file) => file.endsWith('.ts'))
		.map((file) => join(ROOT, room, file));
}
