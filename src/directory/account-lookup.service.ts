import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import type { SipAddress } from '../common/sip/sip-address.js';
import { noneIfUnrepresentable } from '../database/column-text.js';
import { type ConstantStatement, constantStatement } from '../database/constant-statement.js';
import { lockOnAllNodes } from '../database/cluster-locks.js';
import { type Dialect, dialectOf } from '../database/dialect.js';
import { Statements } from '../database/statements.service.js';
import { toFlag, toId } from '../database/columns/column-values.js';
import { parseDateTime } from '../database/columns/utc-date-time.js';
import { usablePassword, type UsablePassword } from '../digest/stored-password.js';
import { ApiKey } from '../database/entities/api-key.entity.js';
import type { PageStart } from './counted-ranges.js';
import { Account } from '../database/entities/account.entity.js';
import { ActivationExpiration } from '../database/entities/activation-expiration.entity.js';
import { Admin } from '../database/entities/admin.entity.js';
import { EmailChange } from '../database/entities/email-change.entity.js';
import { isActivationCode } from './activation-code.js';
import { Password } from '../database/entities/password.entity.js';

/** A row of {@link SELECT}: an account beside one of its passwords. */
interface AccountRow {
  id: number | string;
  username: string;
  domain: string;
  email: string | null;
  phone: string | null;
  activated: unknown;
  confirmation_key: string | null;
  ip_address: string;
  user_agent: string;
  creation_time: string;
  password: string | null;
  algorithm: string | null;
  admin_id: number | string | null;
  api_key: string | null;
  new_email: string | null;
  email_hash: string | null;
  email_requested_at: string | null;
  expiration_id: number | string | null;
  expires: string | null;
}

/** A row of {@link CHALLENGED}. */
type ChallengedRow = Pick<AccountRow, 'id' | 'username' | 'domain' | 'password' | 'algorithm'>;

/** What a challenge needs to know of an account. */
export type ChallengedAccount = Pick<Account, 'id' | 'username' | 'domain'> & {
  readonly passwords: readonly Pick<UsablePassword, 'algorithm'>[];
};

/**
 * The statement behind every account that is shown or authenticated, written by hand: it brings the account and all
 * that belongs to it in one round trip. The same through relations of the ORM costs several times as much CPU, and
 * this runs on every call.
 */
const select = <const Accounts extends string>(accounts: Accounts) =>
  `
  SELECT a.id, a.username, a.domain, a.email, a.phone, a.activated, a.confirmation_key, a.ip_address, a.user_agent, a.creation_time,
         p.password, p.algorithm, m.id AS admin_id, k.\`key\` AS api_key,
         c.new_email, c.hash AS email_hash, c.created_at AS email_requested_at, e.id AS expiration_id, e.expires
    FROM ${accounts} a
    LEFT JOIN passwords p ON p.account_id = a.id
    LEFT JOIN admins m ON m.account_id = a.id
    LEFT JOIN api_keys k ON k.account_id = a.id
    LEFT JOIN email_changed c ON c.account_id = a.id
    LEFT JOIN activation_expirations e ON e.account_id = a.id` as const;

const WHOLE = select('accounts');

const BY_SIP = constantStatement(`${WHOLE} WHERE a.username = ? AND a.domain = ?`);

const BY_ID = constantStatement(`${WHOLE} WHERE a.id = ?`);

const LOCK = constantStatement('SELECT id FROM accounts WHERE id = ? FOR UPDATE');

const PAGE = constantStatement(`${select('(SELECT * FROM accounts WHERE id >= ? ORDER BY id LIMIT ? OFFSET ?)')} ORDER BY a.id`);

const CHALLENGED = constantStatement(`
  SELECT a.id, a.username, a.domain, p.password, p.algorithm FROM accounts a LEFT JOIN passwords p ON p.account_id = a.id
   WHERE a.username = ? AND a.domain = ?`);

const ACTIVATED = constantStatement('SELECT username, domain, activated FROM accounts WHERE username = ? AND domain = ?');

/** Finds accounts, whole. */
@Injectable()
export class AccountLookup {
  constructor(
    private readonly statements: Statements,
    private readonly dataSource: DataSource,
  ) {}

  /** The account with exactly this address, byte for byte. */
  async bySip(address: SipAddress, manager?: EntityManager): Promise<Account | null> {
    const rows = await this.rowsBySip<AccountRow>(BY_SIP, address, manager);
    return toAccounts(rows)[0] ?? null;
  }

  /** What a challenge needs of the account with exactly this address. */
  async challengedBySip(address: SipAddress): Promise<ChallengedAccount | null> {
    const rows = await this.rowsBySip<ChallengedRow>(CHALLENGED, address);
    const [account] = rows;
    if (!account) return null;
    const { id, username, domain } = account;
    return { id: toId(id), username, domain, passwords: rows.map(usablePassword).filter((password) => password !== null) };
  }

  /** Whether the account with exactly this address is activated; null where there is none. */
  async isActivated(address: SipAddress): Promise<boolean | null> {
    const [account] = await this.rowsBySip<Pick<AccountRow, 'username' | 'domain' | 'activated'>>(ACTIVATED, address);
    return account ? toFlag(account.activated) : null;
  }

  async byId(id: number, manager?: EntityManager): Promise<Account | null> {
    return toAccounts(await this.statements.read<AccountRow>(BY_ID, [id], manager))[0] ?? null;
  }

  /**
   * The account as it is now, held until the transaction ends: changes of one account happen one after the other.
   * Must be the first statement of its transaction that reads the account.
   */
  async lockById(id: number, manager: EntityManager): Promise<Account | null> {
    await lockOnAllNodes(manager, `account ${id}`);
    // SQLite runs one writing transaction at a time anyway, and has no such words.
    if (dialectOf(manager.dataSource) === 'mysql') await this.statements.read(LOCK, [id], manager);
    return this.byId(id, manager);
  }

  /** So many accounts, ordered by id, from an id on after skipping others. */
  async page(limit: number, { firstId, skip }: Pick<PageStart, 'firstId' | 'skip'>): Promise<Account[]> {
    return toAccounts(await this.statements.read<AccountRow>(PAGE, [firstId, String(limit), String(skip)]));
  }

  /**
   * So many accounts that match a search after skipping others, ordered by id.
   *
   * @param search what stands somewhere in the SIP address, mail address or phone number, in any case.
   */
  async search(search: string, limit: number, offset: number): Promise<Account[]> {
    const { condition, parameters } = matching(search, dialectOf(this.dataSource));
    const some = `(SELECT * FROM accounts ${condition} ORDER BY id LIMIT ? OFFSET ?)`;
    return toAccounts(await this.rowsOf<AccountRow>(`${select(some)} ORDER BY a.id`, [...parameters, limit, offset]));
  }

  /** How many accounts match a search. */
  async count(search: string): Promise<number> {
    const { condition, parameters } = matching(search, dialectOf(this.dataSource));
    const [row] = await this.rowsOf<{ total: number }>(`SELECT COUNT(*) AS total FROM accounts ${condition}`, parameters);
    return Number(row?.total ?? 0);
  }

  /** The collations of MySQL take Alice, álice and alice with a blank behind for alice: the index finds them, we do not. */
  private async rowsBySip<Row extends { username: string; domain: string }>(
    statement: ConstantStatement,
    { username, domain }: SipAddress,
    manager?: EntityManager,
  ): Promise<Row[]> {
    try {
      const rows = await this.statements.read<Row>(statement, [username, domain], manager);
      return rows.filter((row) => row.username === username && row.domain === domain);
    } catch (error) {
      return noneIfUnrepresentable(error);
    }
  }

  private async rowsOf<Row>(statement: string, parameters: readonly (string | number)[]): Promise<Row[]> {
    try {
      return await this.dataSource.manager.query(statement, [...parameters]);
    } catch (error) {
      return noneIfUnrepresentable(error);
    }
  }
}

/** On MySQL each column is compared in utf8mb4: columns may differ in collation, and one may lack characters that another one has. */
function matching(search: string, dialect: Dialect): { condition: string; parameters: string[] } {
  const pattern = `%${search.replace(/[!%_]/g, '!$&')}%`;
  const [username, domain, email, phone] = ['username', 'domain', 'email', 'phone'].map((column) =>
    dialect === 'mysql' ? `CONVERT(${column} USING utf8mb4)` : column,
  );
  const texts = [`CONCAT(${username}, '@', ${domain})`, email, phone];
  return {
    condition: `WHERE ${texts.map((text) => `${text} LIKE ? ESCAPE '!'`).join(' OR ')}`,
    parameters: texts.map(() => pattern),
  };
}

function toAccounts(rows: AccountRow[]): Account[] {
  const accounts = new Map<number, Account>();
  // Of several expirations, which 2021 data may have, the newest counts.
  const newest = new Map<number, number>();
  for (const row of rows) {
    const id = toId(row.id);
    const account = accounts.get(id) ?? toAccount(id, row);
    accounts.set(id, account);
    addPassword(account, row);
    if (row.expiration_id === null || toId(row.expiration_id) < (newest.get(id) ?? 0)) continue;
    newest.set(id, toId(row.expiration_id));
    account.activationExpiration = toExpiration(id, row);
  }
  for (const { passwords } of accounts.values()) passwords.sort(inOrderOfChallenges);
  return [...accounts.values()];
}

function toAccount(id: number, row: AccountRow): Account {
  return Object.assign(new Account(), {
    id,
    username: row.username,
    domain: row.domain,
    // A server whose columns take no NULL leaves an empty text.
    email: row.email || null,
    phone: row.phone || null,
    activated: toFlag(row.activated),
    confirmationKey: isActivationCode(row.confirmation_key) ? row.confirmation_key : null,
    ipAddress: row.ip_address,
    userAgent: row.user_agent,
    creationTime: parseDateTime(row.creation_time) ?? new Date(0),
    passwords: [],
    admin: row.admin_id === null ? null : Object.assign(new Admin(), { id: toId(row.admin_id), accountId: id }),
    apiKey: row.api_key === null ? null : Object.assign(new ApiKey(), { accountId: id, key: row.api_key }),
    emailChange: toEmailChange(id, row),
    activationExpiration: null,
  });
}

function toEmailChange(accountId: number, row: AccountRow): EmailChange | null {
  if (row.new_email === null) return null;
  return Object.assign(new EmailChange(), {
    accountId,
    newEmail: row.new_email,
    hash: row.email_hash ?? '',
    createdAt: parseDateTime(row.email_requested_at),
  });
}

/** NULL is no end. What names no moment (`0000-00-00 00:00:00`) is long over: a code must not last for ever because of it. */
function toExpiration(accountId: number, { expires }: AccountRow): ActivationExpiration | null {
  if (expires === null) return null;
  return Object.assign(new ActivationExpiration(), { accountId, expires: parseDateTime(expires) ?? new Date(0) });
}

/** Rows of one account repeat its passwords where it has several expirations. */
function addPassword(account: Account, row: AccountRow): void {
  const password = usablePassword(row);
  if (row.algorithm !== null && !password) account.hasUnusablePasswords = true;
  if (!password || account.passwords.some(({ algorithm }) => algorithm === password.algorithm)) return;
  account.passwords.push(Object.assign(new Password(), { accountId: account.id, ...password }));
}

function inOrderOfChallenges(one: Password, other: Password): number {
  return one.algorithm < other.algorithm ? -1 : 1;
}
