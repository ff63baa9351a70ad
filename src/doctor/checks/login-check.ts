import type { PasswordRow } from '../../digest/stored-password.js';
import type { SipAddress } from '../../common/sip/sip-address.js';
import { noneIfUnrepresentable } from '../../database/column-text.js';
import { toFlag, toId } from '../../database/columns/column-values.js';
import { dialectOf } from '../../database/dialect.js';
import { parseDateTime } from '../../database/columns/utc-date-time.js';
import { type Check, type Verdict, warning } from '../finding.js';
import { judgeLogin, type NamedRow } from '../login.js';
import type { OpenDatabase } from '../open-database.js';

/** Checks whether one account can log in, over HTTP and over SIP. */
export class LoginCheck implements Check {
  readonly name = 'account';

  /** @param password what the owner of the account types, or null. */
  constructor(
    private readonly database: OpenDatabase,
    private readonly address: SipAddress,
    private readonly password: string | null,
  ) {}

  async run(): Promise<Verdict[]> {
    const database = await this.database.ifFilled();
    if (!database) return [warning('not checked: the accounts cannot be read')];
    const { address, password } = this;
    const { settings } = this.database;
    const rows = await this.rowsOf((statement, parameters) => database.query(statement, parameters));
    const exact = rows.find(({ username, domain }) => username === address.username && domain === address.domain);
    const passwords: PasswordRow[] = exact
      ? await database.query('SELECT algorithm, password FROM passwords WHERE account_id = ? ORDER BY id', [exact.id])
      : [];
    const realm = settings.realmOf(address);
    const otherRealms = [address.domain, ...settings.sipDomains].filter((candidate) => candidate !== realm);
    const isReadByFlexisip = dialectOf(database) === 'mysql';
    return judgeLogin({ address, rows, passwords, realm, otherRealms, password, now: new Date(), isReadByFlexisip });
  }

  /** All rows that the collation considers equal to the address. Flexisip relies on this comparison. */
  private async rowsOf(query: (statement: string, parameters: string[]) => Promise<unknown>): Promise<NamedRow[]> {
    const { username, domain } = this.address;
    try {
      const rows = (await query(
        'SELECT id, username, domain, activated, expire_time FROM accounts WHERE username = ? AND domain = ? ORDER BY id',
        [username, domain],
      )) as (NamedRow & { expire_time: string | null })[];
      return rows.map((row) => ({
        id: toId(row.id),
        username: row.username,
        domain: row.domain,
        activated: toFlag(row.activated),
        expires: parseDateTime(row.expire_time),
      }));
    } catch (reason) {
      return noneIfUnrepresentable(reason);
    }
  }
}
