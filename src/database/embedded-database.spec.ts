import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EmbeddedDatabase } from './embedded-database.js';

describe('An embedded database', () => {
  let database: EmbeddedDatabase;

  beforeEach(() => {
    database = new EmbeddedDatabase(':memory:');
    database.exec(
      'PRAGMA foreign_keys = ON; CREATE TABLE one (id integer PRIMARY KEY, name text UNIQUE, parent integer REFERENCES one (id))',
    );
  });
  afterEach(() => database.close());

  it('reads integers as numbers, and those of more than 53 bits as strings', () => {
    database.exec('INSERT INTO one (id) VALUES (1), (9007199254740991), (9007199254740993), (-9223372036854775808)');
    const rows = database.prepare('SELECT id FROM one ORDER BY id').all();
    expect(rows.map(({ id }) => id)).toEqual(['-9223372036854775808', 1, 9007199254740991, '9007199254740993']);
  });

  it('keeps a text with a NUL whole, and takes it for no other', () => {
    const insert = database.prepare('INSERT INTO one (name) VALUES (?)');
    for (const name of ['alice', 'alice\0', 'alice\0bob', '\0']) insert.run(name);
    expect(database.prepare('SELECT name FROM one ORDER BY id').all()).toEqual([
      { name: 'alice' },
      { name: 'alice\0' },
      { name: 'alice\0bob' },
      { name: '\0' },
    ]);
    const find = database.prepare('SELECT id FROM one WHERE name = ?');
    expect([find.all('alice'), find.all('alice\0'), find.all('alice\0b')]).toEqual([[{ id: 1 }], [{ id: 2 }], []]);
    expect(() => insert.run('alice\0')).toThrow(expect.objectContaining({ code: 'SQLITE_CONSTRAINT_UNIQUE' }));
  });

  it('tells what a write did, in numbers', () => {
    const insert = database.prepare('INSERT INTO one (name) VALUES (?)');
    expect([insert.reader, insert.run('a'), insert.run(null)]).toEqual([
      false,
      { changes: 1, lastInsertRowid: 1 },
      { changes: 1, lastInsertRowid: 2 },
    ]);
    expect(database.prepare('UPDATE one SET name = ? RETURNING id').reader).toBe(true);
  });

  it.each([
    ['SQLITE_CONSTRAINT_UNIQUE', "INSERT INTO one (name) VALUES ('a'), ('a')"],
    ['SQLITE_CONSTRAINT_FOREIGNKEY', 'INSERT INTO one (parent) VALUES (7)'],
    ['SQLITE_READONLY', 'PRAGMA query_only = ON; DELETE FROM one'],
    ['SQLITE_ERROR', 'SELEC'],
  ])('names the error %s', (code, statements) => {
    expect(() => database.exec(statements)).toThrow(expect.objectContaining({ code }));
  });

  it('leaves a file that is complete without its write-ahead log when it is closed', () => {
    const folder = mkdtempSync(join(tmpdir(), 'flexisip-api-embedded-'));
    const file = join(folder, 'one.sqlite');
    const first = new EmbeddedDatabase(file);
    first.pragma('journal_mode = WAL');
    first.exec('CREATE TABLE one (id integer PRIMARY KEY)');
    first.prepare('INSERT INTO one (id) VALUES (?)').run(7);
    first.close();
    copyFileSync(file, join(folder, 'copy.sqlite'));
    const copy = new EmbeddedDatabase(join(folder, 'copy.sqlite'));
    expect(copy.prepare('SELECT id FROM one').all()).toEqual([{ id: 7 }]);
    copy.close();
    rmSync(folder, { recursive: true });
  });

  it('names the error of a file that cannot be opened', () => {
    expect(() => new EmbeddedDatabase('/nowhere/at-all.sqlite')).toThrow(
      expect.objectContaining({ code: 'SQLITE_CANTOPEN' }),
    );
  });
});
