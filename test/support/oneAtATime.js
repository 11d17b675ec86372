'use strict';

const { default: TestRunner } = require('jest-runner');

/** Runs its suites one after the other, in a process that is renewed: nobody else takes processor time. */
module.exports = class OneAtATime extends TestRunner {
	constructor(globalConfig, context) {
		super({ ...globalConfig, maxWorkers: 1 }, context);
	}
};
