const { execFileSync } = require('node:child_process');
const { readdirSync } = require('node:fs');
const { basename, dirname, join } = require('node:path');
const { isSlow, runsOn } = require('./test/support/parts.js');

/** Nest 12 and some of its dependencies are ES modules only; jest runs CommonJS here, so they are transformed like our own code. */
const ESM_PACKAGES = [
  '@nestjs',
  'file-type',
  'strtok3',
  'token-types',
  'uint8array-extras',
  '@tokenizer',
  '@borewit',
  '@fastify/cookie',
  'cookie',
  'content-disposition',
];

const compile = ({ tsx }) => [
  '@swc/jest',
  {
    jsc: {
      parser: { syntax: 'typescript', decorators: true, tsx },
      transform: { legacyDecorator: true, decoratorMetadata: true, react: { runtime: 'automatic', importSource: 'preact' } },
      target: 'es2022',
      keepClassNames: true,
    },
    module: { type: 'commonjs' },
  },
];

const base = {
  testEnvironment: 'node',
  moduleFileExtensions: ['ts', 'tsx', 'js', 'json'],
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': ['$1.js', '$1'] },
  transform: { '^.+\\.(t|j)s$': compile({ tsx: false }), '^.+\\.tsx$': compile({ tsx: true }) },
  transformIgnorePatterns: [`/node_modules/(?!(${ESM_PACKAGES.join('|')})/)`],
  setupFiles: ['reflect-metadata', '<rootDir>/test/support/program-umask.ts'],
};

const isInstalled = (program) => {
  try {
    execFileSync('which', [program], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
};

const hasMariadb = Boolean(process.env.TEST_DB_HOST) || isInstalled('mariadbd');
if (!hasMariadb && process.env.TEST_REQUIRE_MARIADB) throw new Error('The tests must run on MariaDB, and mariadbd is not installed.');

// No distribution has one that could be looked for: scripts/mysql-server.sh fetches it.
const hasMysql = Boolean(process.env.TEST_MYSQLD);
if (!hasMysql && process.env.TEST_REQUIRE_MYSQL) throw new Error('The tests must run on MySQL, and TEST_MYSQLD names no mysqld.');

const hasRedis = isInstalled('redis-server');
if (!hasRedis && process.env.TEST_REQUIRE_REDIS) throw new Error('The tests must run on Redis, and redis-server is not installed.');

const hasChromium = isInstalled('chromium');
if (!hasChromium && process.env.TEST_REQUIRE_CHROMIUM) throw new Error('The tests must run in a browser, and chromium is not installed.');

/** The files of tests, relative to the repository. */
const ALL = ['src', 'test'].flatMap((folder) =>
  readdirSync(join(__dirname, folder), { recursive: true })
    .map((file) => join(folder, file))
    .filter((file) => /[.-]spec\.ts$|\/quick-part\.ts$/.test(file)),
);
const ofKind = (kind) => (file) => file.endsWith(`.${kind}.ts`);
const isUnit = ofKind('spec');
const endToEnd = ALL.filter(ofKind('e2e-spec'));

/** Folders whose quick end-to-end tests can be run as one file, and these files. */
const folders = new Map(ALL.filter((file) => basename(file) === 'quick-part.ts').map((file) => [dirname(file), file]));
const quickByFolder = [...folders.values(), ...endToEnd.filter((file) => !isSlow(file) && !folders.has(dirname(file)))];

// The database makes no difference to how we speak with an external service, or look in a browser: once is enough.
const onSqlite = [...(hasRedis ? ['redis-spec'] : []), ...(hasChromium ? ['browser-spec'] : []), 'outbound-spec'];
// What needs a server: how it locks, ends and goes away, and the database of a Flexisip of 2021, which never was on SQLite.
const onMariadb = ['server-spec', 'mariadb-spec'];
const onMysql = ['server-spec'];
const ofKinds = (kinds) => ALL.filter((file) => kinds.some((kind) => ofKind(kind)(file)));

/** What each project runs, by the part of the tests (test/support/parts.js); without a part each file by itself, so that one can be chosen. */
const PARTS = {
  quick: {
    unit: ALL.filter((file) => isUnit(file) && !isSlow(file)),
    sqlite: [...quickByFolder, ...ofKinds(onSqlite).filter((file) => !isSlow(file))],
    mariadb: quickByFolder,
    mysql: [],
  },
  slow: {
    unit: ALL.filter((file) => isUnit(file) && isSlow(file)),
    sqlite: [...endToEnd, ...ofKinds(onSqlite)].filter(isSlow),
    mariadb: [...endToEnd, ...ofKinds(onMariadb)].filter((file) => isSlow(file) && runsOn(file, 'mariadb')),
    mysql: [...quickByFolder, ...[...endToEnd, ...ofKinds(onMysql)].filter(isSlow)].filter((file) => runsOn(file, 'mysql')),
  },
  all: {
    unit: ALL.filter(isUnit),
    sqlite: [...endToEnd, ...ofKinds(onSqlite)],
    mariadb: [...endToEnd, ...ofKinds(onMariadb)].filter((file) => runsOn(file, 'mariadb')),
    mysql: [...endToEnd, ...ofKinds(onMysql)].filter((file) => runsOn(file, 'mysql')),
  },
};
const TESTS = PARTS[process.env.TEST_PART ?? 'all'];

/**
 * What two instances of the service on two nodes of a Galera cluster must do as one does on one server. `TEST_GALERA=1` is what races;
 * `TEST_GALERA=all` is every end-to-end test.
 */
const ON_A_CLUSTER = {
  1: ['accounts/*-races', 'auth/nonce-use', 'jobs/*', 'security/races', 'security/replay*'],
  all: ['**/*'],
};

const servers = {
  galera: { globalSetup: '<rootDir>/test/support/galera-set-up.ts', globalTeardown: '<rootDir>/test/support/servers-tear-down.ts' },
  mariadb: { globalSetup: '<rootDir>/test/support/mariadb-set-up.ts', globalTeardown: '<rootDir>/test/support/servers-tear-down.ts' },
  mysql: { globalSetup: '<rootDir>/test/support/mysql-set-up.ts', globalTeardown: '<rootDir>/test/support/servers-tear-down.ts' },
};

/** Why the tests cannot run on a server here, for their report. */
const missing = {
  ...(hasMariadb ? {} : { mariadb: 'mariadbd is not installed, and TEST_DB_HOST is not set' }),
  ...(hasMysql ? {} : { mysql: 'TEST_MYSQLD is not set; scripts/mysql-server.sh fetches a mysqld' }),
  ...(TESTS.mysql.length > 0 ? {} : { mysql: 'npm run test:slow does' }),
};

const inRoot = (files) => files.map((file) => `<rootDir>/${file}`);

const onDatabase = (database) => ({
  ...base,
  ...servers[database],
  displayName: database,
  testMatch: inRoot(TESTS[database] ?? []),
  globals: { TEST_DATABASE: database },
});

const onCluster = (tests) => ({
  ...onDatabase('galera'),
  testMatch: ['<rootDir>/test/galera/*.galera-spec.ts', ...tests.map((name) => `<rootDir>/test/${name}.e2e-spec.ts`)],
});

module.exports = {
  projects: [
    { ...base, displayName: 'unit', testMatch: inRoot(TESTS.unit) },
    onDatabase('sqlite'),
    ...(hasMariadb ? [onDatabase('mariadb')] : []),
    ...(hasMysql && TESTS.mysql.length > 0 ? [onDatabase('mysql')] : []),
    ...(process.env.TEST_GALERA ? [onCluster(ON_A_CLUSTER[process.env.TEST_GALERA])] : []),
  ],
  reporters: ['default', ['<rootDir>/test/support/databases-reporter.js', { missing }]],
  // The command line and main.ts are tested in processes of their own, where nothing is counted.
  collectCoverageFrom: [
    '<rootDir>/src/**/*.ts',
    '!**/*.spec.ts',
    '!<rootDir>/src/main.ts',
    '!<rootDir>/src/process/**',
    '!<rootDir>/src/cli/**',
  ],
  coverageProvider: 'v8',
  // A limit for what hangs, no measure: a command takes a second by itself, and several beside other workers.
  testTimeout: 90_000,
  // More than the machines that decide have cores: some of the time goes to waiting, in the slow part for external services that hang.
  maxWorkers: process.env.TEST_PART === 'slow' ? 4 : 3,
  // What a worker has loaded it keeps; from a large one, processes are slow to start, and everything waits for its garbage.
  workerIdleMemoryLimit: '700MB',
};
