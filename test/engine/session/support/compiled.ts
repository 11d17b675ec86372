import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ModuleKind, ScriptTarget, transpileModule } from 'typescript';

const ROOT = join(__dirname, '..', '..', '..', '..');
const ROOMS = ['common', 'engine/session'];

/**
 * This room as JavaScript, for tests that need a second process. Lies in build/, so that packages
 * are found from there.
 */
export interface Compiled {
	folder: string;
	/** Path of a compiled module, without extension, to `require`. */
	module(name: string): string;
	remove(): void;
}

export function compileSession(): Compiled {
	mkdirSync(join(ROOT, 'build'), { recursive: true });
	const folder = mkdtempSync(join(ROOT, 'build', 'session-test-'));
	for (const room of ROOMS) {
		mkdirSync(join(folder, room), { recursive: true });
		for (const name of readdirSync(join(ROOT, room)).filter((file) => file.endsWith('.ts'))) {
			const { outputText } = transpileModule(readFileSync(join(ROOT, room, name), 'utf8'), {
				fileName: join(ROOT, room, name),
				compilerOptions: {
					module: ModuleKind.Node16,
					target: ScriptTarget.ES2022,
					esModuleInterop: true,
				},
			});
			writeFileSync(join(folder, room, name.replace(/\.ts$/, '.js')), outputText);
		}
	}
	return {
		folder,
		module: (name) => join(folder, 'engine', 'session', name),
		remove: () => rmSync(folder, { recursive: true, force: true }),
	};
}
