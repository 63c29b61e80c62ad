// Adds up vitest's reports in JSON: "N passed, N failed". A report that is missing, and a file that failed as a whole, count as a failure.
import { existsSync, readFileSync } from 'node:fs';

let passed = 0;
let failed = 0;
for (const file of process.argv.slice(2)) {
  const { numPassedTests, numFailedTests, numFailedTestSuites } = existsSync(file)
    ? JSON.parse(readFileSync(file, 'utf8'))
    : { numPassedTests: 0, numFailedTests: 0, numFailedTestSuites: 1 };
  passed += numPassedTests;
  failed += numFailedTests || numFailedTestSuites;
}
console.log(`${passed} passed, ${failed} failed`);
