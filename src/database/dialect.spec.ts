import { errorClassOf, isConflict, isConnectionLimit, isRefused, isServerUnusable, isUnavailable } from './dialect.js';

/** A driver error of a statement, wrapped as TypeORM wraps it. */
const failed = (driverError: object) => Object.assign(new Error('a statement failed'), { driverError });

describe('An error of the database', () => {
  it.each([
    ['a deadlock, or a certification that failed in a Galera cluster', { code: 'ER_LOCK_DEADLOCK', errno: 1213 }],
    ['a row that changed since it was read', { code: 'ER_CHECKREAD', errno: 1020 }],
    ['a transaction that Group Replication did not certify', { errno: 3101 }],
    ['a write conflict of TiDB', { errno: 9007 }],
    ['a commit that TiDB took back', { errno: 8022 }],
    ['a transaction that TiDB has no data for any more', { errno: 9006 }],
    ['a table that was altered meanwhile', { code: 'ER_TABLE_DEF_CHANGED', errno: 1412 }],
    ['a prepared statement whose tables change', { code: 'ER_NEED_REPREPARE', errno: 1615 }],
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
    ['a full disk that is not waited for', { code: 'ER_DISK_FULL_NOWAIT', errno: 3675 }],
    ['a file that cannot be made', { code: 'EE_CANTCREATEFILE', errno: 1 }],
    ['a table that is read-only', { code: 'ER_OPEN_AS_READONLY', errno: 1036 }],
    ['a database that is read-only', { code: 'ER_SCHEMA_READ_ONLY', errno: 3989 }],
    ['a damaged index', { code: 'ER_INDEX_CORRUPT', errno: 1712 }],
    ['a statement that another server has prepared', { code: 'ER_UNKNOWN_STMT_HANDLER', errno: 1243 }],
    ['a proxy that reaches no server', { errno: 2003 }],
    ['a proxy whose server went away', { errno: 2013 }],
    ['Amazon RDS Proxy without a connection', { errno: 9501 }],
    ['a member of a group that is behind', { errno: 3797 }],
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
    expect(errorClassOf({ code: 'ER_HANDSHAKE_ERROR', errno: 1043, fatal: true })).toBe('unavailable');
  });

  // The driver gives every failure before TLS is set up this code.
  it.each([
    ['self-signed certificate', 'refused'],
    [
      "Hostname/IP does not match certificate's altnames: Host: db. is not in the cert's altnames: DNS:other",
      'refused',
    ],
    ['write EPROTO 40A7:error:0A00010B:SSL routines:ssl3_get_record:wrong version number', 'refused'],
    ['Client network socket disconnected before secure TLS connection was established', 'unavailable'],
    ['read ECONNRESET', 'unavailable'],
  ])('of the handshake is told apart by its message: %s', (message, expected) => {
    expect(errorClassOf(Object.assign(new Error(message), { code: 'HANDSHAKE_SSL_ERROR', fatal: true }))).toBe(
      expected,
    );
  });

  it('counts as a limit of connections, or a missing right, by its number', () => {
    expect([1040, 1203, 1226, 2003].map((errno) => isConnectionLimit({ errno }))).toEqual([true, true, true, false]);
    expect([1044, 1142, 1143, 1227, 1045].map((errno) => isRefused(failed({ errno })))).toEqual([
      true,
      true,
      true,
      true,
      false,
    ]);
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
