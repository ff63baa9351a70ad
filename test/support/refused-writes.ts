import type { Api } from './api.js';
import { isOnServer } from './test-database.js';

/** The message with which the database rejects the write; no response may contain it. */
export const REFUSED_BY_TEST = 'refused by the test';

/**
 * Runs work while the database rejects one kind of write to a table. Like with a full disk, the work fails half-way.
 *
 * @param condition of the row, in SQL; without it, the write of every row is rejected.
 */
export async function whileRefusing<T>(
  api: Api,
  event: 'INSERT' | 'UPDATE' | 'DELETE',
  table: string,
  work: () => Promise<T>,
  condition = '1 = 1',
): Promise<T> {
  await api.sql(
    isOnServer
      ? `CREATE TRIGGER refused_by_test BEFORE ${event} ON ${table} FOR EACH ROW IF ${condition} THEN SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = '${REFUSED_BY_TEST}'; END IF`
      : `CREATE TRIGGER refused_by_test BEFORE ${event} ON ${table} WHEN ${condition} BEGIN SELECT RAISE(ABORT, '${REFUSED_BY_TEST}'); END`,
  );
  try {
    return await work();
  } finally {
    await api.sql('DROP TRIGGER refused_by_test');
  }
}

/**
 * The error code of a response that the test client reports as a bug of the service.
 *
 * @throws an Error if there was no such response, or if it tells more than the generic message and the request id
 *   (protocol §1).
 */
export async function faultOf(call: Promise<unknown>): Promise<string> {
  const failure: unknown = await call.then(
    () => new Error('there was no fault'),
    (error: unknown) => error,
  );
  const [, body = ''] = /answered 500 which is a fault of ours: (.*)$/s.exec(String(failure)) ?? [];
  if (body === '' || /refused by|trigger|sql|insert|update|delete|column/i.test(body)) throw failure;
  // A page has a text for people instead of the code.
  if (body.startsWith('<!doctype html>') && body.includes('Something went wrong on our side')) return 'internal_error';
  return (JSON.parse(body) as { code: string }).code;
}
