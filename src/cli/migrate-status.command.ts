import { Command, CommandRunner, Option } from 'nest-commander';
import { pendingMigrations } from '../database/migrate.js';
import { report, withDatabase } from './application.js';

/** Tells what `migrate` would do. */
@Command({ name: 'migrate:status', description: 'List the pending migrations; exit code 2 if there are any' })
export class MigrateStatusCommand extends CommandRunner {
  async run(_arguments: string[], { json }: { json?: boolean }): Promise<void> {
    const pending = await withDatabase(pendingMigrations);
    report(pending.length > 0 ? pending.map((name) => `pending ${name}`) : ['The schema is up to date.'], { pending }, json);
    if (pending.length > 0) process.exitCode = 2;
  }

  @Option({ flags: '--json', description: 'print JSON' })
  parseJson(): boolean {
    return true;
  }
}
