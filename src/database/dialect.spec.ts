import { isConflict, isUnavailable } from './dialect.js';

const failed = (driverError: object) => Object.assign(new Error('a statement failed'), { driverError });

describe('What a database says', () => {
  it.each([
    ['a deadlock, or a certification that failed in a Galera cluster', { code: 'ER_LOCK_DEADLOCK', errno: 1213 }],
    ['a row that changed since it was read', { code: 'ER_CHECKREAD', errno: 1020 }],
    ['a write conflict of TiDB', { errno: 9007 }],
    ['a commit that TiDB took back', { errno: 8022 }],
    ['a lock of another process on a SQLite file', { code: 'SQLITE_BUSY' }],
  ])('may be tried again: %s', (_what, error) => {
    expect(isConflict(failed(error))).toBe(true);
    expect(isUnavailable(failed(error))).toBe(true);
  });

  it('means a call may succeed later: a Galera node that is not part of its cluster', () => {
    const error = failed({ code: 'ER_UNKNOWN_COM_ERROR', errno: 1047 });
    expect(isConflict(error)).toBe(false);
    expect(isUnavailable(error)).toBe(true);
  });

  it.each([
    ['a duplicate', { code: 'ER_DUP_ENTRY', errno: 1062 }],
    ['a mistake in a statement', { code: 'ER_PARSE_ERROR', errno: 1064 }],
    ['nothing', {}],
  ])('is final: %s', (_what, error) => {
    expect(isConflict(failed(error))).toBe(false);
    expect(isUnavailable(failed(error))).toBe(false);
  });
});
