'use strict';

/** Locks a session folder, says so, and stays until it is killed or told to end. */
const [lockModule, folder] = process.argv.slice(2);
const { lockSession } = require(lockModule);

lockSession(folder, () => process.stdout.write('lost\n')).then(
	() => {
		process.stdout.write('locked\n');
		process.stdin.on('data', () => process.exit(0));
	},
	(error) => {
		process.stdout.write(`${error.code} ${error.message}\n`);
		process.exitCode = 1;
	},
);
