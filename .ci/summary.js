'use strict';

/**
 * Prints `N passed, N failed` over the result files of jest; a file that is missing counts as a
 * failure. Before it, each test that needed a second try: test/support/secondTry.ts.
 */

const { readFileSync } = require('node:fs');

let passed = 0;
let failed = 0;
for (const file of process.argv.slice(2)) {
	try {
		const result = JSON.parse(readFileSync(file, 'utf8'));
		passed += result.numPassedTests;
		failed += result.numFailedTests + result.numRuntimeErrorTestSuites;
		for (const { fullName, invocations, status } of result.testResults.flatMap(
			({ assertionResults }) => assertionResults,
		)) {
			if (invocations > 1) {
				console.log(`${status} at the second try: ${fullName}`);
			}
		}
	} catch {
		failed += 1;
	}
}
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed > 0 || passed === 0 ? 1 : 0;
