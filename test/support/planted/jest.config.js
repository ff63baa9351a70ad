const { projects } = require('../../../jest.config.js');

/**
 * Configuration for hundreds of runs against broken code: one database, no global set-up, and the files in the given
 * order, so that the files most likely to fail run first.
 */
const database = process.env.PLANTED_DATABASE ?? 'sqlite';
const {
  displayName: _name,
  testMatch: _match,
  globals: _globals,
  ...base
} = projects.find(({ displayName }) => displayName === 'sqlite');

module.exports = {
  ...base,
  rootDir: '../../..',
  testMatch: ['<rootDir>/src/**/*.spec.ts', '<rootDir>/test/**/*.spec.ts', '<rootDir>/test/**/*-spec.ts'],
  globals: { TEST_DATABASE: database },
  reporters: ['<rootDir>/test/support/planted/reporter.js'],
  testSequencer: '<rootDir>/test/support/planted/sequencer.js',
  testTimeout: 30_000,
};
