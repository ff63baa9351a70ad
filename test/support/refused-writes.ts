import type { Api } from './api.js';
import { isOnServer } from './test-database.js';

/** What the database says of a refused write; nobody outside may ever see it. */
export const REFUSED_BY_TEST = 'refused by the test';

/** Runs the work while the database refuses a kind of write to a table, as a full disk would: half-way through. */
export async function whileRefusing<T>(api: Api, event: 'INSERT' | 'UPDATE' | 'DELETE', table: string, work: () => Promise<T>): Promise<T> {
  await api.sql(
    isOnServer
      ? `CREATE TRIGGER refused_by_test BEFORE ${event} ON ${table} FOR EACH ROW SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = '${REFUSED_BY_TEST}'`
      : `CREATE TRIGGER refused_by_test BEFORE ${event} ON ${table} BEGIN SELECT RAISE(ABORT, '${REFUSED_BY_TEST}'); END`,
  );
  try {
    return await work();
  } finally {
    await api.sql('DROP TRIGGER refused_by_test');
  }
}

/**
 * What the client of the tests says of an answer that is a fault of ours.
 *
 * @throws an Error if the answer was none, or tells more than the generic message and the request id (protocol §1).
 */
export async function faultOf(call: Promise<unknown>): Promise<string> {
  const failure: unknown = await call.then(
    () => new Error('there was no fault'),
    (error: unknown) => error,
  );
  const [, body = ''] = /answered 500 which is a fault of ours: (.*)$/s.exec(String(failure)) ?? [];
  if (body === '' || /refused by|trigger|sql|insert|update|delete|column/i.test(body)) throw failure;
  // A page says it to a person.
  if (body.startsWith('<!doctype html>') && body.includes('Something went wrong on our side')) return 'internal_error';
  return (JSON.parse(body) as { code: string }).code;
}
