'use strict';

/** What the unit tests, the end-to-end tests and those in queue mode have in common. */

/** @type {import('jest').Config} */
const project = {
	testEnvironment: 'node',
	roots: ['<rootDir>/test'],
	testMatch: ['**/*.test.ts'],
	modulePathIgnorePatterns: ['<rootDir>/test/support/n8n/', '<rootDir>/build/', '<rootDir>/dist/'],
	transform: { '^.+\\.ts$': ['ts-jest', { tsconfig: '<rootDir>/tsconfig.tools.json' }] },
	// The node enters the engine by import(), which wants the name of the compiled file.
	moduleNameMapper: { '^(.*/engine/index)\\.js$': '$1' },
	setupFilesAfterEnv: ['<rootDir>/test/support/secondTry.ts'],
};

/** @type {import('jest').Config} */
const run = {
	// What suites leave behind in a process slows the ones after them: a new one is started in time.
	workerIdleMemoryLimit: '700MB',
	// A guard against hanging, not a measure of speed: the machine may be busy.
	testTimeout: 60_000,
};

module.exports = { project, run };
