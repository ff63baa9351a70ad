/** Says in the last lines which databases the tests ran on. */
module.exports = class DatabasesReporter {
  onRunComplete(contexts, results) {
    const ran = new Set([...contexts].map(({ config }) => config.displayName?.name));
    const { TEST_DB_HOST: host, TEST_DB_VERSION: version = '' } = process.env;
    const lines = [
      ran.has('sqlite') ? 'ran on SQLite (embedded)' : 'did NOT run on SQLite',
      ran.has('mariadb')
        ? `ran on MariaDB ${version}`
        : `did NOT run on MariaDB${host ? '' : ': mariadbd is not installed, and TEST_DB_HOST is not set'}`,
    ];
    const { numPassedTests: passed, numFailedTests: failed, numPendingTests: skipped } = results;
    const report = `\n${lines.map((line) => `The tests ${line}\n`).join('')}${passed} passed, ${failed} failed, ${skipped} skipped\n`;
    // Jest's own summary comes after the reporters.
    process.once('exit', () => process.stderr.write(report));
  }
};
