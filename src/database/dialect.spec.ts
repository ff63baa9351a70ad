import { errorClassOf, isConflict, isServerUnusable, isUnavailable } from './dialect.js';

/** As TypeORM tells what a driver said of a statement. */
const failed = (driverError: object) => Object.assign(new Error('a statement failed'), { driverError });

describe('An error of the database', () => {
  it.each([
    ['a deadlock, or a certification that failed in a Galera cluster', { code: 'ER_LOCK_DEADLOCK', errno: 1213 }],
    ['a row that changed since it was read', { code: 'ER_CHECKREAD', errno: 1020 }],
    ['a transaction that Group Replication did not certify', { errno: 3101 }],
    ['a write conflict of TiDB', { errno: 9007 }],
    ['a commit that TiDB took back', { errno: 8022 }],
    ['a lock of another process on a SQLite file', { code: 'SQLITE_BUSY' }],
  ])('is tried again: %s', (_what, error) => {
    expect(isConflict(failed(error))).toBe(true);
    expect(isUnavailable(failed(error))).toBe(true);
    expect(isServerUnusable(failed(error))).toBe(false);
  });

  it.each([
    ['a lock that is not released', { code: 'ER_LOCK_WAIT_TIMEOUT', errno: 1205 }],
    ['a statement that took too long for MariaDB', { errno: 1969 }],
  ])('leaves the connection as it is: %s', (_what, error) => {
    expect(errorClassOf(failed(error))).toBe('busy');
  });

  it.each([
    ['a Galera node that is not part of its cluster', { code: 'ER_UNKNOWN_COM_ERROR', errno: 1047 }],
    ['a read-only server', { code: 'ER_OPTION_PREVENTS_STATEMENT', errno: 1290 }],
    ['a full disk', { code: 'ER_GET_ERRNO', errno: 1030 }],
    ['a number that the driver has no name for', { errno: 1927 }],
    ['a connection that the driver takes for lost', { fatal: true }],
    ['an extended code of SQLite', { code: 'SQLITE_IOERR_WRITE' }],
  ])('says that another server may do it: %s', (_what, error) => {
    expect(errorClassOf(failed(error))).toBe('unavailable');
    expect(isServerUnusable(failed(error))).toBe(true);
  });

  it('that a connection fails with comes without a statement', () => {
    expect(errorClassOf({ code: 'ECONNREFUSED', errno: -111 })).toBe('unavailable');
    expect(errorClassOf({ code: 'ER_ACCESS_DENIED_ERROR', errno: 1045, fatal: true })).toBe('refused');
    expect(errorClassOf({ code: 'DEPTH_ZERO_SELF_SIGNED_CERT', fatal: true })).toBe('refused');
  });

  it.each([
    ['a duplicate', { code: 'ER_DUP_ENTRY', errno: 1062 }],
    ['a mistake in a statement', { code: 'ER_PARSE_ERROR', errno: 1064 }],
    ['a constraint of SQLite', { code: 'SQLITE_CONSTRAINT_UNIQUE' }],
    ['a file that is not there', { code: 'ENOENT', errno: -2, path: '/nowhere' }],
    ['nothing', {}],
  ])('is a fault of ours: %s', (_what, error) => {
    expect(errorClassOf(failed(error))).toBeNull();
    expect(isUnavailable(failed(error))).toBe(false);
  });
});
