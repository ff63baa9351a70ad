const { execFileSync } = require('node:child_process');
const { readdirSync } = require('node:fs');
const { basename, dirname, join } = require('node:path');
const { isSlow, runsOn } = require('./test/support/parts.js');

/**
 * Nest 12 and some of its dependencies exist only as ES modules. Jest runs CommonJS here, so they are transformed like
 * the project's own code.
 */
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
      transform: {
        legacyDecorator: true,
        decoratorMetadata: true,
        react: { runtime: 'automatic', importSource: 'preact' },
      },
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
if (!hasMariadb && process.env.TEST_REQUIRE_MARIADB)
  throw new Error('The tests must run on MariaDB, and mariadbd is not installed.');

// MySQL is not searched for, because distributions have none to find: scripts/mysql-server.sh fetches it.
const hasMysql = Boolean(process.env.TEST_MYSQLD);
if (!hasMysql && process.env.TEST_REQUIRE_MYSQL)
  throw new Error('The tests must run on MySQL, and TEST_MYSQLD names no mysqld.');

const hasRedis = isInstalled('redis-server');
if (!hasRedis && process.env.TEST_REQUIRE_REDIS)
  throw new Error('The tests must run on Redis, and redis-server is not installed.');

const hasChromium = isInstalled('chromium');
if (!hasChromium && process.env.TEST_REQUIRE_CHROMIUM)
  throw new Error('The tests must run in a browser, and chromium is not installed.');

/** The test files, relative to the repository. */
const ALL = ['src', 'test'].flatMap((folder) =>
  readdirSync(join(__dirname, folder), { recursive: true })
    .map((file) => join(folder, file))
    .filter((file) => /[.-]spec\.ts$|\/quick-part\.ts$/.test(file)),
);
const ofKind = (kind) => (file) => file.endsWith(`.${kind}.ts`);
const isUnit = ofKind('spec');
const endToEnd = ALL.filter(ofKind('e2e-spec'));

/** Folders whose quick end-to-end tests can run as one file, with that file. */
const folders = new Map(ALL.filter((file) => basename(file) === 'quick-part.ts').map((file) => [dirname(file), file]));
const quickByFolder = [...folders.values(), ...endToEnd.filter((file) => !isSlow(file) && !folders.has(dirname(file)))];

// The database does not affect calls to external services, or pages in a browser, so these tests run on one database
// only.
const onSqlite = [...(hasRedis ? ['redis-spec'] : []), ...(hasChromium ? ['browser-spec'] : []), 'outbound-spec'];
// Tests that need a server: its locks, shutdowns and failures, and a Flexisip database of 2021, which never was on
// SQLite.
const onMariadb = ['server-spec', 'mariadb-spec'];
const onMysql = ['server-spec'];
const ofKinds = (kinds) => ALL.filter((file) => kinds.some((kind) => ofKind(kind)(file)));

/**
 * The files of each project, by part of the tests (test/support/parts.js). Without a part each file runs by itself, so
 * that one can be chosen.
 */
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
    mysql: [...quickByFolder, ...[...endToEnd, ...ofKinds(onMysql)].filter(isSlow)].filter((file) =>
      runsOn(file, 'mysql'),
    ),
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
 * Tests for two instances of the service on two nodes of a Galera cluster, which must behave like one instance on one
 * server. `TEST_GALERA=1` runs the tests of races; `TEST_GALERA=all` runs every end-to-end test.
 */
const ON_A_CLUSTER = {
  1: ['accounts/*-races', 'auth/nonce-use', 'jobs/*', 'security/races', 'security/replay*'],
  all: ['**/*'],
};

const servers = {
  galera: {
    globalSetup: '<rootDir>/test/support/galera-set-up.ts',
    globalTeardown: '<rootDir>/test/support/servers-tear-down.ts',
  },
  mariadb: {
    globalSetup: '<rootDir>/test/support/mariadb-set-up.ts',
    globalTeardown: '<rootDir>/test/support/servers-tear-down.ts',
  },
  mysql: {
    globalSetup: '<rootDir>/test/support/mysql-set-up.ts',
    globalTeardown: '<rootDir>/test/support/servers-tear-down.ts',
  },
};

/** Why tests cannot run on a server product here, for the report. */
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
  // The command line and main.ts are tested in separate processes, where coverage is not measured.
  collectCoverageFrom: [
    '<rootDir>/src/**/*.ts',
    '!**/*.spec.ts',
    '!<rootDir>/src/main.ts',
    '!<rootDir>/src/process/**',
    '!<rootDir>/src/cli/**',
  ],
  coverageProvider: 'v8',
  // The limit catches tests that hang; it is not a goal. A command alone takes a second, and longer beside other
  // workers.
  testTimeout: 90_000,
  // More workers than CI machines have cores: tests wait part of the time, in the slow part for external services that
  // hang.
  maxWorkers: process.env.TEST_PART === 'slow' ? 4 : 3,
  // A worker keeps everything that it has loaded. A large worker starts processes slowly and pauses for garbage
  // collection.
  workerIdleMemoryLimit: '700MB',
};
