'use strict';

/** @type {import('jest').Config} */
module.exports = {
	testEnvironment: 'node',
	roots: ['<rootDir>/test'],
	testMatch: ['**/*.test.ts'],
	testPathIgnorePatterns: ['<rootDir>/test/e2e/', '<rootDir>/test/queue/'],
	modulePathIgnorePatterns: ['<rootDir>/test/support/n8n/', '<rootDir>/build/', '<rootDir>/dist/'],
	transform: { '^.+\\.ts$': ['ts-jest', { tsconfig: '<rootDir>/tsconfig.tools.json' }] },
	// The node enters the engine by import(), which wants the name of the compiled file.
	moduleNameMapper: { '^(.*/engine/index)\\.js$': '$1' },
	// What suites leave behind in a process slows the ones after them: a new one is started in time.
	workerIdleMemoryLimit: '700MB',
	setupFiles: ['<rootDir>/test/support/jestSetup.ts'],
	// A guard against hanging, not a measure of speed: the machine may be busy.
	testTimeout: 60_000,
};
