import type { DataSource, QueryRunner } from 'typeorm';
import { DatabaseRefuses } from './database-unavailable.js';
import { dialectOf, isRefused } from './dialect.js';
import { NEEDED_TABLES } from './schema/needed-tables.js';

/**
 * Rights that the service needs on its tables and lacks, such as `INSERT on accounts`. The function runs EXPLAIN for
 * each statement. MySQL and MariaDB allow EXPLAIN only to users that may run the statement, by any grant or role. No
 * statement is run.
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
      // Other checks report other problems, above all a missing table.
      const isMissing = await database.query(`EXPLAIN ${statement}`).then(() => false, isRefused);
      if (isMissing) missing.push(`${right} on ${table}`);
    }
  }
  return missing;
}

/**
 * Ensures that the service has the rights that it needs on its tables.
 *
 * @throws DatabaseRefuses.
 */
export async function requireRights(database: DataSource): Promise<void> {
  if (dialectOf(database) === 'sqlite') return;
  const missing = await missingOnTables(database);
  if (missing.length === 0) return;
  throw new DatabaseRefuses(
    `The service needs the rights ${missing.join(', ')}, which the user of DB_USERNAME does not have. Grant them.`,
  );
}

/**
 * The rights that no grant gives on the whole database. It is empty if a role may give them, or if grants on single
 * tables may suffice.
 *
 * @param queryRunner that the caller holds: a pool of one connection has no other.
 * @param needed such as `ALTER`.
 */
export async function missingRights(queryRunner: QueryRunner, needed: readonly string[]): Promise<string[]> {
  const grants = await grantsOf(queryRunner);
  const isOfTable = (grant: string) =>
    /^GRANT [^`]*\b(ALL PRIVILEGES|CREATE|ALTER|INDEX|REFERENCES)\b.* ON `(?:[^`]|``)+`\.`/.test(grant);
  return grants.some(isOfTable) ? [] : missingInGrants(grants, String(queryRunner.dataSource.driver.database), needed);
}

async function grantsOf(queryRunner: QueryRunner): Promise<string[]> {
  const own: Record<string, string>[] = await queryRunner.query('SHOW GRANTS');
  // Grants to PUBLIC, which only MariaDB has.
  const common: Record<string, string>[] = await queryRunner.query('SHOW GRANTS FOR PUBLIC').catch(() => []);
  return [...own, ...common].flatMap(Object.values);
}

/** @param grants lines of SHOW GRANTS. */
export function missingInGrants(grants: readonly string[], database: string, needed: readonly string[]): string[] {
  const given = new Set<string>();
  for (const grant of grants) {
    const [, rights, pattern] = /^GRANT (.+?) ON (?:\*|`((?:[^`]|``)+)`)\.\* TO /.exec(grant) ?? [];
    // The grant is a role. Only MariaDB lists the grants of a role, so elsewhere they are unknown.
    if (/^GRANT (?!.* ON )/.test(grant)) return [];
    if (rights === undefined || !(pattern === undefined || matches(pattern, database))) continue;
    for (const right of rights.split(', ')) given.add(right);
  }
  return given.has('ALL PRIVILEGES') ? [] : needed.filter((right) => !given.has(right));
}

/** The database name in a grant is a pattern, as for LIKE. */
function matches(pattern: string, database: string): boolean {
  const words: Record<string, string> = { '%': '.*', _: '.', '``': '`' };
  const source = pattern.replace(
    /\\[%_]|``|[^]/g,
    (part) => words[part] ?? part.replace(/^\\(?=[%_])/, '').replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'),
  );
  return new RegExp(`^${source}$`, 's').test(database);
}
