/**
 * The parts of the tests. `npm test` runs the quick part: what runs within the process of the tests, on SQLite and MariaDB, and in a browser.
 * `npm run test:slow` runs the rest, `npm run test:full` both.
 */

/** Kinds of files of the slow part, by the ends of their names. */
const SLOW_KINDS = ['server-spec.ts', 'mariadb-spec.ts', 'outbound-spec.ts', 'redis-spec.ts'];

/** Further files of the slow part, by how their paths begin. */
const SLOW_FILES = [
  // Commands, and the service as a program: each of them starts for a second or more.
  'test/cli/',
  'test/process/',
  'test/published-document',
  'test/metrics/processes',
  'test/security/replay-processes',
  'test/database/migrations',
  // External services that hang, until the time for them is over.
  'test/faults/',
  // Waits for another program to release a file, or fills a disk.
  'test/database/busy-file',
  'test/database/full-file',
  // Large by nature.
  'test/limits/memory',
  'test/security/fuzz',
];

/** Run on SQLite only: programs and external services whose statements other tests run on every database. */
const ON_SQLITE_ONLY = ['test/faults/', 'test/cli/administrators', 'test/cli/doctor.e2e', 'test/cli/show-account'];

/** Run on SQLite and MariaDB: further programs, and what hardly asks the database anything. To them MySQL is no other than MariaDB. */
const NOT_ON_MYSQL = [
  'test/cli/',
  'test/process/',
  'test/security/replay-processes',
  'test/limits/',
  'test/mail/',
  'test/metrics/',
  'test/sms/',
];

const beginsAs = (path, beginnings) => beginnings.some((beginning) => path.startsWith(beginning));

/** @param path relative to the repository. */
const isSlow = (path) => SLOW_KINDS.some((kind) => path.endsWith(kind)) || beginsAs(path, SLOW_FILES);

/**
 * Whether a file of end-to-end tests is run on a product, besides SQLite, where all are.
 *
 * @param product `mariadb` or `mysql`.
 */
const runsOn = (path, product) => !beginsAs(path, [...ON_SQLITE_ONLY, ...(product === 'mysql' ? NOT_ON_MYSQL : [])]);

module.exports = { isSlow, runsOn };
