import { Command, CommandRunner, Option } from 'nest-commander';
import { migrate } from '../database/migrate.js';
import { report, withDatabase } from './application.js';

/** Brings the schema up to date; also where DB_MIGRATE=false forbids the service to do so at start. */
@Command({ name: 'migrate', description: 'Run the pending migrations, under a lock' })
export class MigrateCommand extends CommandRunner {
  async run(_arguments: string[], { json }: { json?: boolean }): Promise<void> {
    const ran = await withDatabase(migrate);
    report(ran.length > 0 ? ran.map((name) => `ran ${name}`) : ['Nothing to do: the schema is up to date.'], { ran }, json);
  }

  @Option({ flags: '--json', description: 'print JSON' })
  parseJson(): boolean {
    return true;
  }
}
