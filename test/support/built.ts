import { existsSync } from 'node:fs';
import { join } from 'node:path';

const DIST = join(__dirname, '..', '..', 'dist');

/**
 * Path of a module as it is packed, for tests that need it in another process or thread, where
 * nothing compiles TypeScript. `npm test` builds before it runs.
 * @param name without extension, such as `engine/index`
 * @throws Error when the project was never built
 */
export function builtModule(name: string): string {
	const path = join(DIST, `${name}.js`);
	if (!existsSync(path)) throw new Error(`${path} is missing; run: npm run build`);
	return path;
}
