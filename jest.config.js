'use strict';

const { project, run } = require('./jest.shared.js');

const setupFiles = ['<rootDir>/test/support/jestSetup.ts'];
const elsewhere = ['<rootDir>/test/e2e/', '<rootDir>/test/queue/'];

/** Calls with sound, packet for packet in real time, and what looks at files that others may write. */
const alone = [
	'/test/engine/(audioCall|media|mlowCall|relay|voice)/.*\\.test\\.ts$',
	'/test/nodes/WhatsAppCall/embedded\\w*\\.test\\.ts$',
	'/test/server/sound\\.test\\.ts$',
	'/test/simulator/(media|relay)/.*\\.test\\.ts$',
];

/** @type {import('jest').Config} */
module.exports = {
	...run,
	maxWorkers: 2,
	projects: [
		{ ...project, setupFiles, testPathIgnorePatterns: [...elsewhere, ...alone] },
		{
			...project,
			setupFiles,
			testPathIgnorePatterns: elsewhere,
			testMatch: undefined,
			testRegex: alone,
			runner: '<rootDir>/test/support/oneAtATime.js',
		},
	],
};
