'use strict';

/** @type {import('jest').Config} */
module.exports = {
	...require('./jest.e2e.config.js'),
	roots: ['<rootDir>/test/queue'],
};
