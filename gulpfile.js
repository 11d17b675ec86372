'use strict';

const { rm } = require('node:fs/promises');
const { dest, parallel, src } = require('gulp');

const ASSETS = {
	icons: '**/*.svg',
	codex: '**/*.node.json',
};

/** Copies the files that tsc does not: icons as bytes, codex files as they are. */
function copy(folder, pattern) {
	const task = () =>
		src(`${folder}/${pattern}`, { encoding: false, allowEmpty: true }).pipe(dest(`dist/${folder}`));
	task.displayName = `${folder}: ${pattern}`;
	return task;
}

/** Nothing of an earlier build is ever packed. */
exports.clean = async () => await rm('dist', { recursive: true, force: true });

exports.assets = parallel(
	copy('nodes', ASSETS.icons),
	copy('nodes', ASSETS.codex),
	copy('credentials', ASSETS.icons),
);
exports.default = exports.assets;
