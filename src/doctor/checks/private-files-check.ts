import { isOpenToOthers } from '../../common/private-files.js';
import type { DatabaseSettings } from '../../config/database-variables.js';
import { databaseFilesOpenToOthers } from '../../database/private-database.js';
import { type Check, type Verdict, warning } from '../finding.js';

/** Whether the files that hold secrets are closed to other users of the machine. */
export class PrivateFilesCheck implements Check {
  readonly name = 'files';

  /** @param database null if its settings are wrong. */
  constructor(private readonly database: DatabaseSettings | null) {}

  run(): Verdict[] {
    const ofDatabase = this.database?.driver === 'sqlite' ? databaseFilesOpenToOthers(this.database.file) : [];
    return [...ofDatabase, ...['.env'].filter(isOpenToOthers)].map((file) =>
      warning(`${file} is open to other users, and holds secrets`, `chmod 600 ${file}`),
    );
  }
}
