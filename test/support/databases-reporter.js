/** Says in the last lines which databases the tests ran on. */
module.exports = class DatabasesReporter {
  onRunComplete(contexts, results) {
    const ran = [...contexts].map(({ config }) => config.displayName?.name);
    const names = { sqlite: 'SQLite (embedded)', mariadb: 'MariaDB' };
    const databases = Object.keys(names).filter((name) => ran.includes(name));
    const missing = Object.keys(names).filter((name) => !databases.includes(name));
    process.stderr.write(
      `\nDatabases: ${databases.map((name) => names[name]).join(', ') || 'none'}\n` +
        missing
          .map(
            (name) => `NOT run on ${names[name]}${name === 'mariadb' ? ': mariadbd is not installed and TEST_DB_HOST is not set' : ''}\n`,
          )
          .join('') +
        `Tests: ${results.numPassedTests} passed, ${results.numFailedTests} failed, ${results.numPendingTests} skipped\n`,
    );
  }
};
