import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { isOpenToOthers } from '../../common/private-files.js';
import type { DatabaseSettings } from '../../config/database-settings.js';
import { secretNames } from '../../config/variables.js';
import { databaseFilesOpenToOthers } from '../../database/private-database.js';
import { type Check, type Verdict, warning } from '../finding.js';

/**
 * Folders where containers and systemd mount secrets. They control access to the folder, whatever the mode of its
 * files.
 */
const MOUNTED = /^(\/var)?\/run\/(secrets|credentials|flexisip-api)\//;

/** Whether the files that hold secrets are closed to other users of the machine. */
export class PrivateFilesCheck implements Check {
  readonly name = 'files';

  /**
   * @param database null if its settings are wrong.
   * @param given all variables as they were set.
   */
  constructor(
    private readonly database: DatabaseSettings | null,
    private readonly given: Readonly<Record<string, string>>,
  ) {}

  run(): Verdict[] {
    const ofDatabase = this.database?.driver === 'sqlite' ? databaseFilesOpenToOthers(this.database.file) : [];
    const own = [...ofDatabase, ...['.env'].filter(isOpenToOthers)].map((file) =>
      warning(`${file} contains secrets and is accessible to other users`, `chmod 600 ${file}`),
    );
    return [...own, ...this.ofSecretFiles()];
  }

  private ofSecretFiles(): Verdict[] {
    const secrets = secretNames.map((name) => [`${name}_FILE`, this.given[`${name}_FILE`]] as const);
    // A key, or the path of one.
    const pusher = ['APP_FLEXISIP_PUSHER_FIREBASE_KEY', this.given.APP_FLEXISIP_PUSHER_FIREBASE_KEY] as const;
    return [...secrets, ...(pusher[1]?.startsWith('/') ? [pusher] : [])].flatMap(([name, file]) =>
      file === undefined || isMounted(file) || !isSecretOpen(file)
        ? []
        : [
            warning(
              `${file} (${name}) contains a secret and is accessible to other users`,
              `chmod ${isGivenByRoot(file) ? 'o=' : '600'} ${file}`,
            ),
          ],
    );
  }
}

/** Whether a container or systemd has mounted a file. */
export function isMounted(file: string): boolean {
  return MOUNTED.test(resolve(file));
}

/** Root may share a secret with the group of the service. Any other secret file is for its owner only. */
function isSecretOpen(file: string): boolean {
  if (!isOpenToOthers(file)) return false;
  return !isGivenByRoot(file) || (statSync(file).mode & 0o007) !== 0;
}

/** Whether root owns a file, and its group is not that of root. */
function isGivenByRoot(file: string): boolean {
  const { uid, gid } = statSync(file);
  return uid === 0 && gid !== 0;
}
