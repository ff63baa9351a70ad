import { Command } from 'nest-commander';
import { pendingMigrations } from '../database/migrate.js';
import { withDatabase } from './application.js';
import { ReportingCommand, type ReportOptions } from './reporting.command.js';

/** Tells what `migrate` would do. */
@Command({ name: 'migrate:status', description: 'List the pending migrations; exit code 2 if there are any' })
export class MigrateStatusCommand extends ReportingCommand {
  async run(_arguments: string[], options: ReportOptions): Promise<void> {
    const pending = await withDatabase(pendingMigrations);
    this.report(pending.length > 0 ? pending.map((name) => `pending ${name}`) : ['The schema is up to date.'], { pending }, options);
    if (pending.length > 0) process.exitCode = 2;
  }
}
