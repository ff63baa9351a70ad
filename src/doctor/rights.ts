import type { DataSource } from 'typeorm';
import { isRefused } from '../database/dialect.js';

/** What migrations do to a schema. */
const FOR_MIGRATIONS = ['CREATE', 'ALTER', 'INDEX', 'DROP', 'REFERENCES'];

/**
 * The rights that the service needs on its tables and has not, such as `INSERT on accounts`. Each statement is explained, which
 * MySQL and MariaDB do only for those who may run it, by whatever grant or role; none is run.
 */
export async function missingOnTables(database: DataSource): Promise<string[]> {
  const missing: string[] = [];
  for (const { tableName, columns } of database.entityMetadatas) {
    const column = columns[0]?.databaseName;
    const statements = {
      SELECT: `SELECT ${column} FROM ${tableName}`,
      INSERT: `INSERT INTO ${tableName} (${column}) VALUES (NULL)`,
      UPDATE: `UPDATE ${tableName} SET ${column} = NULL WHERE 1 = 0`,
      DELETE: `DELETE FROM ${tableName} WHERE 1 = 0`,
    };
    for (const [right, statement] of Object.entries(statements)) {
      // What else is wrong, a table that is not there yet above all, is told by other checks.
      const isMissing = await database.query(`EXPLAIN ${statement}`).then(() => false, isRefused);
      if (isMissing) missing.push(`${right} on ${tableName}`);
    }
  }
  return missing;
}

/** The rights that migrations need and no grant gives on the whole database; none where a role may give them. */
export async function missingForMigrations(database: DataSource): Promise<string[]> {
  const rows: Record<string, string>[] = await database.query('SHOW GRANTS');
  return missingInGrants(rows.flatMap(Object.values), String(database.driver.database));
}

/** @param grants as SHOW GRANTS has them. */
export function missingInGrants(grants: readonly string[], database: string): string[] {
  const given = new Set<string>();
  for (const grant of grants) {
    const [, rights, pattern] = /^GRANT (.+?) ON (?:\*|`((?:[^`]|``)+)`)\.\* TO /.exec(grant) ?? [];
    // A role, or its grants, which only MariaDB lists.
    if (/^GRANT (?!.* ON )/.test(grant)) return [];
    if (rights === undefined || !(pattern === undefined || matches(pattern, database))) continue;
    for (const right of rights.split(', ')) given.add(right);
  }
  return given.has('ALL PRIVILEGES') ? [] : FOR_MIGRATIONS.filter((right) => !given.has(right));
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
