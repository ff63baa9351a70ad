import { ACCESS, PAGES } from '../support/access.js';
import { Api } from '../support/api.js';
import { connectTo } from '../support/database-2021.js';
import { createOnServer, type TestDatabase } from '../support/test-database.js';
import { WatchedDatabase } from '../support/watched-database.js';
import { API_CALLS, ENVIRONMENT_OF_CALLS } from './api-calls.js';
import { PANEL_CALLS } from './panel-calls.js';
import { STATEMENTS } from './statement-table.js';

const CALLS = { ...API_CALLS, ...PANEL_CALLS };

const routeOf = (name: string): string => name.split(', ', 1)[0] ?? '';
const isOf = (route: string) => new RegExp(`^${route.replace(/:\w+/g, '[^/]+')}$`);

/** Shortens a statement to its verb and its main table. A statement without a table stays whole. */
function inShort(statement: string): string {
  const text = statement.trim().replace(/\s+/g, ' ');
  const [, verb] = /^(\w+(?: COUNT\b)?)/i.exec(text) ?? [];
  const [, table] = /\b(?:FROM|INTO|UPDATE) (?:`?\w+`?\.)?`?(\w+)/i.exec(text) ?? [];
  if (table === undefined) return text.replace(/^(SET TRANSACTION) .*/i, '$1');
  return `${verb} ${table}${/\bFOR UPDATE\b/i.test(text) ? ' FOR UPDATE' : ''}`;
}

describe('What the database is asked', () => {
  let watched: WatchedDatabase;
  let database: TestDatabase;
  let api: Api;

  beforeAll(async () => {
    watched = await WatchedDatabase.start();
    database = await createOnServer(watched.access);
    api = await Api.start({ database, environment: ENVIRONMENT_OF_CALLS });
  });
  afterAll(async () => {
    await api.stop();
    await database.remove();
    await watched.stop();
  });

  it('is known for each route', () => {
    const routes = new Set(Object.keys(STATEMENTS).map(routeOf));
    expect([...routes].toSorted()).toEqual(Object.keys({ ...ACCESS, ...PAGES }).toSorted());
    expect(Object.keys(STATEMENTS).toSorted()).toEqual(Object.keys(CALLS).toSorted());
  });

  it('is heard by whatever means it is asked, in portions of any size', async () => {
    const connection = await connectTo(database);
    const long = `SELECT '${'x'.repeat(1_000_000)}'`;
    const { asked } = await watched.during(api, async () => {
      for (const value of [1, 2])
        for (const text of ['SELECT ? + 1', 'SELECT ? + 2']) await connection.execute(text, [value]);
      await connection.query(long);
      connection.unprepare('SELECT ? + 1');
      await connection.ping();
      await connection.execute('SELECT ? + 1', [3]);
    });
    await connection.end();
    expect(asked).toEqual([
      'SELECT ? + 1',
      'SELECT ? + 2',
      'SELECT ? + 1',
      'SELECT ? + 2',
      long,
      'PING',
      'SELECT ? + 1',
    ]);
  });

  it.each(Object.entries(CALLS))('by %s', async (name, prepare) => {
    const request = await prepare(api);
    expect(`${request.method ?? 'GET'} ${request.path}`).toMatch(isOf(routeOf(name)));
    const { result, asked } = await watched.during(api, () => api.send(request));
    expect(name.endsWith(', challenge') ? [401] : [200, 201, 302, 303]).toContain(result.status);
    // Statements of different connections have no fixed order.
    expect(asked.map(inShort).toSorted()).toEqual(STATEMENTS[name]?.toSorted());
  });
});
