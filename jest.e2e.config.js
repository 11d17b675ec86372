'use strict';

const { project, run } = require('./jest.shared.js');

/** @type {import('jest').Config} */
module.exports = {
	...project,
	...run,
	roots: ['<rootDir>/test/e2e'],
	globalSetup: '<rootDir>/test/e2e/support/globalSetup.ts',
	globalTeardown: '<rootDir>/test/e2e/support/globalTeardown.ts',
	maxWorkers: 1,
	testTimeout: 120_000,
};
