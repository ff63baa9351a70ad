import { accessSync, constants, existsSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { keptKeyMistake } from '../../config/load-settings.js';
import { DatabaseUnavailable } from '../../database/database-unavailable.js';
import { dialectOf } from '../../database/dialect.js';
import { pendingMigrations } from '../../database/migrate.js';
import { type Check, error, ok, type Verdict, warning } from '../finding.js';
import type { OpenDatabase } from '../open-database.js';
import { missingForMigrations, missingOnTables } from '../rights.js';

const ADVICE: Record<string, string> = {
  ER_ACCESS_DENIED_ERROR: 'See DB_USERNAME and DB_PASSWORD, and from which hosts the server lets that user in.',
  ER_DBACCESS_DENIED_ERROR: 'Grant the user of DB_USERNAME all rights on DB_DATABASE.',
  ER_BAD_DB_ERROR: 'See DB_DATABASE: the server has no such database.',
  ECONNREFUSED: 'See DB_HOST and DB_PORT, and whether the server runs.',
  ENOTFOUND: 'See DB_HOST: there is no such host.',
  ETIMEDOUT: 'See DB_HOST and DB_PORT, and whether a firewall is in between or the server hangs.',
  DATABASE_TIMEOUT: 'See whether the server hangs or is overloaded.',
};

/** Whether the database can be reached, with the rights that are needed. */
export class DatabaseCheck implements Check {
  readonly name = 'database';

  /** @param keepsKey whether the key of an embedded database is beside it, since APP_KEY is not given. */
  constructor(
    private readonly database: OpenDatabase,
    private readonly keepsKey: boolean,
  ) {}

  async run(): Promise<Verdict[]> {
    const { database } = this.database.settings;
    if (database.driver === 'sqlite') return this.ofFile(database.file);
    const verdict = await this.reach(`${database.username}@${database.host}:${database.port}/${database.database}`);
    return verdict.level === 'ok' ? [verdict, ...(await this.rights())] : [verdict];
  }

  private async rights(): Promise<Verdict[]> {
    const dataSource = await this.database.open();
    const advice = 'Grant them to the user of DB_USERNAME.';
    const verdicts: Verdict[] = [];
    const onTables = await missingOnTables(dataSource);
    if (onTables.length > 0) verdicts.push(error(`rights are missing: ${onTables.join(', ')}`, advice));
    if ((await pendingMigrations(dataSource)).length === 0) return verdicts;
    const forMigrations = await missingForMigrations(dataSource);
    if (forMigrations.length > 0) {
      const reason = this.database.settings.migrateAtStart ? error : warning;
      verdicts.push(reason(`rights are missing that the pending migrations need: ${forMigrations.join(', ')}`, advice));
    }
    return verdicts;
  }

  private async reach(address: string): Promise<Verdict> {
    try {
      const dataSource = await this.database.open();
      const statement = dialectOf(dataSource) === 'mysql' ? 'SELECT VERSION() AS version' : 'SELECT sqlite_version() AS version';
      const [{ version }]: [{ version: string }] = await dataSource.query(statement);
      return ok(`${address} answers, version ${version}`);
    } catch (reason) {
      const cause = reason instanceof DatabaseUnavailable ? reason.cause : reason;
      return error(`${address}: ${new DatabaseUnavailable(cause).message}`, ADVICE[codeOf(cause)]);
    }
  }

  private async ofFile(file: string): Promise<Verdict[]> {
    const folder = dirname(file);
    if (!isWritable(existsSync(folder) ? folder : '.'))
      return [error(`the folder ${folder} cannot be written`, 'Give this user its rights.')];
    const ofKey = this.keepsKey ? lookAtKey(`${file}.key`) : [];
    if (this.database.isMissingFile) return [warning(`${file} is not there yet`, 'The first start makes it.'), ...ofKey];
    const verdict = isWritable(file) ? await this.reach(file) : error(`${file} cannot be written`, 'Give this user its rights.');
    return [verdict, ...ofKey];
  }
}

function lookAtKey(key: string): Verdict[] {
  const mistake = keptKeyMistake(key);
  if (mistake !== null) return [error(mistake, 'Give this user its rights, or remove it: the next start draws another key.')];
  const isOpenToOthers = existsSync(key) && (statSync(key).mode & 0o077) !== 0;
  return isOpenToOthers ? [warning(`${key} can be read by others, and nonces are signed by it`, `chmod 600 ${key}`)] : [];
}

function isWritable(path: string): boolean {
  try {
    accessSync(path, constants.R_OK | constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

/** A host with several addresses fails with a list of errors. */
function codeOf(cause: unknown): string {
  const { code, errors } = cause as { code?: unknown; errors?: unknown[] };
  if (typeof code === 'string') return code;
  return errors?.length ? codeOf(errors[0]) : '';
}
