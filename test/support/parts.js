/**
 * The parts of the tests. `npm test` runs the quick part: tests within the process of the tests, on SQLite and MariaDB,
 * and in a browser. `npm run test:slow` runs the rest, `npm run test:full` runs both.
 */

/** Kinds of slow files, by the ends of their names. */
const SLOW_KINDS = ['server-spec.ts', 'mariadb-spec.ts', 'outbound-spec.ts', 'redis-spec.ts'];

/** Further slow files, by the beginnings of their paths. */
const SLOW_FILES = [
  // Commands, and the service as a program: each takes a second or more to start.
  'test/cli/',
  'test/process/',
  'test/published-document',
  'test/metrics/processes',
  'test/security/replay-processes',
  'test/database/migrations',
  // External services that hang until their time limit.
  'test/faults/',
  // These wait for another program to release a file, or fill a disk.
  'test/database/busy-file',
  'test/database/full-file',
  // These are large by nature.
  'test/limits/memory',
  'test/mutation/mutants',
  'test/security/authorisation',
  'test/security/fuzz',
];

/**
 * Files that run on SQLite only: programs and external services. Other tests run their statements on every database.
 */
const ON_SQLITE_ONLY = ['test/faults/', 'test/cli/administrators', 'test/cli/doctor.e2e', 'test/cli/show-account'];

/**
 * Files that run on SQLite and MariaDB: further programs, and tests that hardly use the database. For these, MySQL does
 * not differ from MariaDB.
 */
const NOT_ON_MYSQL = [
  'test/cli/',
  'test/process/',
  'test/security/authorisation',
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
 * Whether a file of end-to-end tests runs on a product. All of them run on SQLite.
 *
 * @param product `mariadb` or `mysql`.
 */
const runsOn = (path, product) => !beginsAs(path, [...ON_SQLITE_ONLY, ...(product === 'mysql' ? NOT_ON_MYSQL : [])]);

module.exports = { isSlow, runsOn };
