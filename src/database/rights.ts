import type { DataSource, QueryRunner } from 'typeorm';
import { DatabaseRefuses } from './database-unavailable.js';
import { dialectOf, isRefused } from './dialect.js';
import { NEEDED_TABLES } from './schema/needed-tables.js';

/**
 * The rights that the service needs on its tables and has not, such as `INSERT on accounts`. Each statement is explained, which
 * MySQL and MariaDB do only for those who may run it, by whatever grant or role; none is run.
 */
export async function missingOnTables(database: DataSource): Promise<string[]> {
  const missing: string[] = [];
  for (const [table, { columns }] of Object.entries(NEEDED_TABLES)) {
    const [column] = Object.keys(columns);
    const statements = {
      SELECT: `SELECT ${column} FROM ${table}`,
      INSERT: `INSERT INTO ${table} (${column}) VALUES (NULL)`,
      UPDATE: `UPDATE ${table} SET ${column} = NULL WHERE 1 = 0`,
      DELETE: `DELETE FROM ${table} WHERE 1 = 0`,
    };
    for (const [right, statement] of Object.entries(statements)) {
      // What else is wrong, a table that is not there yet above all, is told by other checks.
      const isMissing = await database.query(`EXPLAIN ${statement}`).then(() => false, isRefused);
      if (isMissing) missing.push(`${right} on ${table}`);
    }
  }
  return missing;
}

/**
 * Makes sure that the service has the rights it needs on its tables.
 *
 * @throws DatabaseRefuses.
 */
export async function requireRights(database: DataSource): Promise<void> {
  if (dialectOf(database) === 'sqlite') return;
  const missing = await missingOnTables(database);
  if (missing.length === 0) return;
  throw new DatabaseRefuses(`The service needs the rights ${missing.join(', ')}, which the user of DB_USERNAME does not have. Grant them.`);
}

/**
 * Which of the rights no grant gives on the whole database; none where a role may give them, or where grants on single tables may do.
 *
 * @param queryRunner that the caller holds: a pool of one connection has no other.
 * @param needed such as `ALTER`.
 */
export async function missingRights(queryRunner: QueryRunner, needed: readonly string[]): Promise<string[]> {
  const grants = await grantsOf(queryRunner);
  const isOfTable = (grant: string) => /^GRANT [^`]*\b(ALL PRIVILEGES|CREATE|ALTER|INDEX|REFERENCES)\b.* ON `(?:[^`]|``)+`\.`/.test(grant);
  return grants.some(isOfTable) ? [] : missingInGrants(grants, String(queryRunner.dataSource.driver.database), needed);
}

async function grantsOf(queryRunner: QueryRunner): Promise<string[]> {
  const own: Record<string, string>[] = await queryRunner.query('SHOW GRANTS');
  // What MariaDB gives to everybody; other servers know no such thing.
  const common: Record<string, string>[] = await queryRunner.query('SHOW GRANTS FOR PUBLIC').catch(() => []);
  return [...own, ...common].flatMap(Object.values);
}

/** @param grants as SHOW GRANTS has them. */
export function missingInGrants(grants: readonly string[], database: string, needed: readonly string[]): string[] {
  const given = new Set<string>();
  for (const grant of grants) {
    const [, rights, pattern] = /^GRANT (.+?) ON (?:\*|`((?:[^`]|``)+)`)\.\* TO /.exec(grant) ?? [];
    // A role, or its grants, which only MariaDB lists.
    if (/^GRANT (?!.* ON )/.test(grant)) return [];
    if (rights === undefined || !(pattern === undefined || matches(pattern, database))) continue;
    for (const right of rights.split(', ')) given.add(right);
  }
  return given.has('ALL PRIVILEGES') ? [] : needed.filter((right) => !given.has(right));
}

/** The database of a grant is a pattern, as of LIKE. */
function matches(pattern: string, database: string): boolean {
  const words: Record<string, string> = { '%': '.*', _: '.', '``': '`' };
  const source = pattern.replace(
    /\\[%_]|``|[^]/g,
    (part) => words[part] ?? part.replace(/^\\(?=[%_])/, '').replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'),
  );
  return new RegExp(`^${source}$`, 's').test(database);
}
