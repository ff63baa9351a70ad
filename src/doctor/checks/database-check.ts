import { accessSync, constants, existsSync } from 'node:fs';
import { dirname } from 'node:path';
import type { DataSource } from 'typeorm';
import { describeServer } from '../../config/database-settings.js';
import { keptKeyMistake, keyFileOf } from '../../config/load-settings.js';
import { adviceOn, DatabaseUnavailable } from '../../database/database-unavailable.js';
import { dialectOf } from '../../database/dialect.js';
import { missingForMigrations } from '../../database/migrate.js';
import { missingOnTables } from '../../database/rights.js';
import { type Check, error, ok, type Verdict, warning } from '../finding.js';
import type { OpenDatabase } from '../open-database.js';

/** Checks whether the database can be reached and grants the needed rights. */
export class DatabaseCheck implements Check {
  readonly name = 'database';

  /** @param keepsKey whether the key is stored next to an embedded database, because APP_KEY is not set. */
  constructor(
    private readonly database: OpenDatabase,
    private readonly keepsKey: boolean,
  ) {}

  async run(): Promise<Verdict[]> {
    const { database } = this.database.settings;
    if (database.driver === 'sqlite') return this.ofFile(database.file);
    const verdict = await this.reach(describeServer(database));
    return verdict.level === 'ok' ? [verdict, ...(await this.rights())] : [verdict];
  }

  private async rights(): Promise<Verdict[]> {
    const dataSource = await this.database.open();
    const advice = 'Grant these rights to the user of DB_USERNAME.';
    const verdicts: Verdict[] = [];
    const onTables = await missingOnTables(dataSource);
    if (onTables.length > 0) verdicts.push(error(`missing rights: ${onTables.join(', ')}`, advice));
    const forMigrations = await missingForMigrations(dataSource);
    if (forMigrations.length > 0) {
      const reason = this.database.settings.migrateAtStart ? error : warning;
      verdicts.push(reason(`missing rights for the pending migrations: ${forMigrations.join(', ')}`, advice));
    }
    return verdicts;
  }

  private async reach(address: string): Promise<Verdict> {
    try {
      const dataSource = await this.database.open();
      const isMysql = dialectOf(dataSource) === 'mysql';
      const statement = isMysql ? 'SELECT VERSION() AS version' : 'SELECT sqlite_version() AS version';
      const [{ version }]: [{ version: string }] = await dataSource.query(statement);
      return ok(`${address} answers, version ${version}${isMysql ? await this.encryption(dataSource) : ''}`);
    } catch (reason) {
      const cause = reason instanceof DatabaseUnavailable ? reason.cause : reason;
      return error(`${address}: ${new DatabaseUnavailable(cause).message}`, adviceOn(cause));
    }
  }

  /** The TLS version and cipher of the connection, as the server reports them. */
  private async encryption(dataSource: DataSource): Promise<string> {
    const rows: { Value: string }[] = await dataSource.query(
      "SHOW SESSION STATUS WHERE Variable_name IN ('Ssl_cipher', 'Ssl_version')",
    );
    const words = rows.map(({ Value }) => Value).filter((value) => value !== '');
    return words.length > 0 ? `, encrypted (${words.join(', ')})` : '';
  }

  private async ofFile(file: string): Promise<Verdict[]> {
    const folder = dirname(file);
    if (!isWritable(existsSync(folder) ? folder : '.'))
      return [error(`the folder ${folder} cannot be written`, 'Give this user the right to write it.')];
    const ofKey = this.keepsKey ? lookAtKey(keyFileOf(file)) : [];
    if (this.database.isMissingFile)
      return [warning(`${file} does not exist yet`, 'The first start of the service creates it.'), ...ofKey];
    const verdict = isWritable(file)
      ? await this.reach(file)
      : error(`${file} cannot be written`, 'Give this user the right to write it.');
    return [verdict, ...ofKey];
  }
}

function lookAtKey(key: string): Verdict[] {
  const mistake = keptKeyMistake(key);
  return mistake === null
    ? []
    : [error(mistake, 'Give this user the right to read it, or remove it: the next start generates a new key.')];
}

function isWritable(path: string): boolean {
  try {
    accessSync(path, constants.R_OK | constants.W_OK);
    return true;
  } catch {
    return false;
  }
}
