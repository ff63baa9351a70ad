const { appendFileSync } = require('node:fs');
const { relative } = require('node:path');

/**
 * Writes a JSON line for each test file as soon as it has run. Jest's own report is not written if the run stops early.
 */
module.exports = class PlantedReporter {
  onTestResult({ path, context }, { testResults, testExecError }) {
    const file = relative(context.config.rootDir, path);
    const failures = testResults.filter(({ status }) => status === 'failed').map(({ fullName }) => fullName);
    appendFileSync(
      process.env.PLANTED_REPORT,
      `${JSON.stringify(testExecError ? [`${file} does not run`] : failures)}\n`,
    );
  }
};
