import { Command } from 'nest-commander';
import { obstacles as findObstacles, pendingMigrations } from '../database/migrate.js';
import { inWords } from '../database/migration-names.js';
import { type Obstacles, sentenceOf } from '../database/obstacles.js';
import { printable } from '../logging/printable.js';
import { withDatabase } from './application.js';
import { ReportingCommand, type ReportOptions } from './reporting.command.js';

/** Lists what `migrate` would do, and what prevents it. */
@Command({
  name: 'migrate:status',
  description: 'List the pending migrations and the obstacles to them; exit code 2 if there are any',
})
export class MigrateStatusCommand extends ReportingCommand {
  async run(_arguments: string[], options: ReportOptions): Promise<void> {
    const { pending, obstacles } = await withDatabase(async (dataSource) => ({
      pending: await pendingMigrations(dataSource),
      obstacles: obstacleLines(await findObstacles(dataSource)),
    }));
    const lines = pending.length > 0 ? pendingLines(pending) : ['The schema is up to date: no migration is pending.'];
    this.report(
      [...lines, ...obstacles.map((line) => printable(`In the way: ${line}`))],
      { pending, ...(obstacles.length > 0 ? { obstacles } : {}) },
      options,
    );
    if (pending.length > 0 || obstacles.length > 0) process.exitCode = 2;
  }
}

function pendingLines(pending: readonly string[]): string[] {
  const count = pending.length === 1 ? '1 migration is' : `${pending.length} migrations are`;
  return [
    `The schema is behind: ${count} pending.`,
    ...pending.map((name) => `  ${inWords(name)}`),
    'flexisip-api migrate runs pending migrations. The next start of the service runs them too, unless DB_MIGRATE=false.',
  ];
}

/** Lists errors only; warnings are reported by `doctor`. */
function obstacleLines({ tables, rights, rows }: Obstacles): string[] {
  const errors = tables.filter(({ level }) => level === 'error').map(sentenceOf);
  return [
    ...errors,
    ...rights.map((right) => `the right ${right} is missing`),
    ...rows.map((row) => `not unique: ${row}`),
  ];
}
