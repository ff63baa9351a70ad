import { Command } from 'nest-commander';
import { migrate } from '../database/migrate.js';
import { withDatabase } from './application.js';
import { inWords } from '../database/migration-names.js';
import { ReportingCommand, type ReportOptions } from './reporting.command.js';

/** Runs the pending migrations, even if DB_MIGRATE=false forbids the service to run them at start. */
@Command({ name: 'migrate', description: 'Run the pending migrations under a lock' })
export class MigrateCommand extends ReportingCommand {
  async run(_arguments: string[], options: ReportOptions): Promise<void> {
    const ran = await withDatabase((dataSource) => migrate(dataSource, (sentence) => this.progress(sentence)));
    this.report(
      ran.length > 0 ? ran.map((name) => `ran ${inWords(name)}`) : ['Nothing to do: the schema is up to date.'],
      { ran },
      options,
    );
  }
}
