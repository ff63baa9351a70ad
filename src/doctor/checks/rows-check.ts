import type { DataSource } from 'typeorm';
import { unusableKeys } from '../../auth/api-key-form.js';
import { unusablePasswords } from '../../digest/stored-password.js';
import { reasonOf } from '../../outbound/outbound-call-failed.js';
import { displaySip, type SipAddress } from '../../common/sip/sip-address.js';
import { noneIfUnrepresentable } from '../../database/column-text.js';
import { dialectOf } from '../../database/dialect.js';
import { type Check, error, ok, type Verdict, warning } from '../finding.js';
import type { OpenDatabase } from '../open-database.js';

const EXAMPLES = 5;

interface Counted {
  n: number | string;
  /** Some of the rows, by name. */
  names: string | null;
}

/** Checks for rows that Flexisip or this service cannot use. */
export class RowsCheck implements Check {
  readonly name = 'rows';

  constructor(private readonly database: OpenDatabase) {}

  async run(): Promise<Verdict[]> {
    const database = await this.database.ifFilled();
    if (!database) return [];
    const looks = {
      passwords: this.unusablePasswords(database),
      'API keys': this.unusableKeys(database),
      domains: this.foreignDomains(database),
      'phone numbers': this.sharedNumbers(database),
      FIRST_ADMIN: this.firstAdmin(database),
      'rows without an account': this.orphans(database),
    };
    const verdicts = (
      await Promise.all(Object.entries(looks).map(([what, look]) => look.catch(notLookedAt(what))))
    ).flat();
    return verdicts.length > 0 ? verdicts : [ok('no problems in accounts, passwords and phone numbers')];
  }

  /** Finds an account that makes `AdministratorsService.createFirst` fail. */
  private async firstAdmin(database: DataSource): Promise<Verdict[]> {
    const { firstAdmin, sipDomains } = this.database.settings;
    if (!firstAdmin || (await database.query('SELECT 1 FROM admins LIMIT 1')).length > 0) return [];
    const address = { username: firstAdmin.username, domain: sipDomains[0] };
    const find = 'SELECT 1 FROM accounts WHERE username = ? AND domain = ? LIMIT 1';
    const taken: unknown[] = await database.query(find, Object.values(address)).catch(noneIfUnrepresentable);
    const advice =
      'Choose another name, or make the account an administrator with accounts:set-admin. The service does not start until then.';
    return taken.length > 0
      ? [error(`FIRST_ADMIN: ${displaySip(address)} already exists and is not an administrator`, advice)]
      : [];
  }

  private async unusablePasswords(database: DataSource): Promise<Verdict[]> {
    const found = await count(
      database,
      `FROM passwords p JOIN accounts a ON a.id = p.account_id WHERE ${unusablePasswords(dialectOf(database))}`,
    );
    return told(found, (who) =>
      error(`passwords that cannot be used, because of their algorithm or form: ${who}`, 'Set new passwords.'),
    );
  }

  private async unusableKeys(database: DataSource): Promise<Verdict[]> {
    const found = await count(
      database,
      `FROM api_keys k JOIN accounts a ON a.id = k.account_id WHERE ${unusableKeys(dialectOf(database))}`,
    );
    return told(found, (who) =>
      warning(
        `API keys that are not accepted, because they are too short or contain unusual characters: ${who}`,
        'Generate new keys.',
      ),
    );
  }

  /** Rows without an account. A new account with a reused id would inherit them, rights included. */
  private async orphans(database: DataSource): Promise<Verdict[]> {
    const owned = database.entityMetadatas.filter(({ columns }) =>
      columns.some(({ databaseName }) => databaseName === 'account_id'),
    );
    const verdicts: Verdict[] = [];
    for (const { tableName } of owned) {
      const lost = `FROM ${tableName} WHERE account_id NOT IN (SELECT id FROM accounts)`;
      // A table that pending migrations will create has no rows.
      const [row]: { n: number | string }[] = await database.query(`SELECT COUNT(*) AS n ${lost}`).catch(() => []);
      const n = Number(row?.n ?? 0);
      if (n > 0)
        verdicts.push(
          warning(`${tableName} has ${n} rows of accounts that do not exist`, `Review the rows, then DELETE ${lost}`),
        );
    }
    return verdicts;
  }

  private async foreignDomains(database: DataSource): Promise<Verdict[]> {
    const { sipDomains } = this.database.settings;
    const found = await count(
      database,
      `FROM accounts a WHERE a.domain NOT IN (${sipDomains.map(() => '?').join(', ')})`,
      [...sipDomains],
    );
    const advice = 'These accounts can log in. Add the domains to APP_SIP_DOMAIN if apps create accounts there too.';
    return told(found, (who) => warning(`accounts in domains other than ${sipDomains.join(', ')}: ${who}`, advice));
  }

  /** Finds phone numbers that are also usernames. A call to such a number may reach either account. */
  private async sharedNumbers(database: DataSource): Promise<Verdict[]> {
    const queryRunner = database.createQueryRunner();
    const hasPhone = await queryRunner.hasColumn('accounts', 'phone').finally(() => queryRunner.release());
    if (!hasPhone) return [];
    const phone = await comparableWith(database, 'username', 'a.phone');
    const found = await count(
      database,
      `FROM accounts a JOIN accounts b ON b.username = ${phone} AND b.domain = a.domain AND b.id <> a.id WHERE a.phone IS NOT NULL`,
    );
    return told(found, (who) =>
      warning(
        `accounts with a phone number that is the username of another account: ${who}`,
        'Change the number or the username.',
      ),
    );
  }
}

/** The verdict on a query that failed. The other queries report their results. */
function notLookedAt(what: string): (reason: unknown) => Verdict[] {
  return (reason) => [warning(`${what} could not be checked: ${reasonOf(reason)}`)];
}

/**
 * SQL that converts a text to the collation of a column of `accounts`, so that a comparison can use an index of the
 * column.
 */
async function comparableWith(database: DataSource, column: string, text: string): Promise<string> {
  if (dialectOf(database) === 'sqlite') return text;
  const [found]: { charset: string; collation: string }[] = await database.query(
    `SELECT character_set_name AS charset, collation_name AS collation FROM information_schema.columns
      WHERE table_schema = DATABASE() AND table_name = 'accounts' AND column_name = ?`,
    [column],
  );
  return found ? `CONVERT(${text} USING ${found.charset}) COLLATE ${found.collation}` : text;
}

async function count(database: DataSource, from: string, parameters: string[] = []): Promise<Counted> {
  const [{ n }]: [Counted] = await database.query(`SELECT COUNT(DISTINCT a.id) AS n ${from}`, parameters);
  const rows: SipAddress[] = await database.query(
    `SELECT DISTINCT a.id, a.username, a.domain ${from} ORDER BY a.id LIMIT ${EXAMPLES}`,
    parameters,
  );
  return { n, names: rows.map(displaySip).join(', ') };
}

function told({ n, names }: Counted, tell: (who: string) => Verdict): Verdict[] {
  const more = Number(n) - EXAMPLES;
  return Number(n) === 0 ? [] : [tell(more > 0 ? `${names} and ${more} more` : `${names}`)];
}
