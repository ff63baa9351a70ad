/** The database server products, with the variable that holds the version once tests ran on them. */
const SERVERS = [
  { project: 'mariadb', name: 'MariaDB', version: 'TEST_DB_VERSION' },
  { project: 'mysql', name: 'MySQL', version: 'TEST_MYSQL_VERSION' },
];

/** Prints in the last lines on which databases the tests ran. */
module.exports = class DatabasesReporter {
  /** @param missing why tests cannot run on a product, by its project; see jest.config.js. */
  constructor(_config, { missing }) {
    this.missing = missing;
  }

  onRunComplete(contexts, results) {
    const ran = new Set([...contexts].map(({ config }) => config.displayName?.name));
    const lines = [
      ran.has('sqlite') ? 'ran on SQLite (embedded)' : 'did NOT run on SQLite',
      ...SERVERS.map(({ project, name, version }) => {
        if (ran.has(project)) return `ran on ${name} ${process.env[version] ?? ''}`;
        return `did NOT run on ${name}${this.missing[project] ? `: ${this.missing[project]}` : ''}`;
      }),
    ];
    const { numPassedTests: passed, numFailedTests: failed, numPendingTests: skipped } = results;
    const report = `\n${lines.map((line) => `The tests ${line}\n`).join('')}${passed} passed, ${failed} failed, ${skipped} skipped\n`;
    // Jest prints its own summary after the reporters.
    process.once('exit', () => process.stderr.write(report));
  }
};
