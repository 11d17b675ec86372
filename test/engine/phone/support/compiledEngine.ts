import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ModuleKind, ScriptTarget, transpileModule } from 'typescript';

const ROOT = join(__dirname, '..', '..', '..', '..');
const ROOMS = ['common', 'engine', 'engine/session', 'engine/call', 'engine/call/stanzas'];

/** The engine as JavaScript, for tests that need a second process. */
export interface CompiledEngine {
	/** Path of the front door, to `require`. */
	index: string;
	remove(): void;
}

/** Compiles into build/, so that packages are found from there. */
export function compileEngine(): CompiledEngine {
	mkdirSync(join(ROOT, 'build'), { recursive: true });
	const folder = mkdtempSync(join(ROOT, 'build', 'phone-test-'));
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
		index: join(folder, 'engine', 'index.js'),
		remove: () => rmSync(folder, { recursive: true, force: true }),
	};
}
