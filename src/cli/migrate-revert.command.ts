import { Command, Option } from 'nest-commander';
import { revert, revertibleMigrations } from '../database/migrate.js';
import { withDatabase } from './application.js';
import { inWords } from '../database/migration-names.js';
import { ReportingCommand, type ReportOptions } from './reporting.command.js';

interface Options extends ReportOptions {
  apply?: boolean;
}

/** Prepares the return to the server of 2021. The service must be stopped, or its next start migrates again. */
@Command({ name: 'migrate:revert', description: 'Revert all changes of the migrations; stop the service first' })
export class MigrateRevertCommand extends ReportingCommand {
  async run(_arguments: string[], options: Options): Promise<void> {
    const { apply = false } = options;
    const reverted = await withDatabase((dataSource) =>
      apply ? revert(dataSource, (sentence) => this.progress(sentence)) : revertibleMigrations(dataSource),
    );
    const lines = reverted.map((name) => `${apply ? 'reverted' : 'would revert'} ${inWords(name)}`);
    if (lines.length === 0) lines.push('Nothing to do: no migration has run.');
    else if (!apply) lines.push('Nothing was changed. Stop the service, then use --apply to revert.');
    this.report(lines, { reverted, applied: apply }, options);
  }

  @Option({ flags: '--apply', description: 'revert the migrations instead of listing them' })
  parseApply(): boolean {
    return true;
  }
}
