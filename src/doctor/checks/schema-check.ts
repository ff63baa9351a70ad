import { migrating, obstacles, pendingMigrations } from '../../database/migrate.js';
import { inWords } from '../../database/migration-names.js';
import { type Check, error, ok, type Verdict, warning } from '../finding.js';
import type { OpenDatabase } from '../open-database.js';

const MOST_LISTED = 20;

/** Checks whether the schema fits this version, or can be migrated to it. */
export class SchemaCheck implements Check {
  readonly name = 'schema';

  constructor(private readonly database: OpenDatabase) {}

  async run(): Promise<Verdict[]> {
    const database = await this.database.ifThere();
    if (!database) return [];
    const pending = await pendingMigrations(database);
    const { tables, rows } = await obstacles(database);
    const ofTables = tables.map(({ level, message, advice }) => ({ level, message, advice }));
    const state = pending.length === 0 ? ok('up to date') : this.behind(pending);
    const other = pending.length === 0 ? null : await migrating(database);
    const ofOther =
      other === null ? [] : [warning(`another process is migrating: ${other}`, 'Wait until it has finished.')];
    return [state, ...ofOther, ...ofTables, ...inTheWay(rows)];
  }

  private behind(pending: readonly string[]): Verdict {
    const message = `pending migrations: ${pending.map(inWords).join(', ')}`;
    return this.database.settings.migrateAtStart
      ? warning(message, 'The next start of the service runs them, or the command migrate.')
      : error(message, 'Run the command migrate, or set DB_MIGRATE=true. The service does not start until then.');
  }
}

function inTheWay(rows: readonly string[]): Verdict[] {
  const advice = 'Keep one row of each. No migration runs until then, and Flexisip refuses such names anyway.';
  const verdicts = rows.slice(0, MOST_LISTED).map((row) => error(`duplicate rows: ${row}`, advice));
  return rows.length > MOST_LISTED
    ? [...verdicts, error(`and ${rows.length - MOST_LISTED} more duplicate rows`, advice)]
    : verdicts;
}
