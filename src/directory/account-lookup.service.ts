import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import type { SipAddress } from '../common/sip/sip-address.js';
import { lockOnAllNodes } from '../database/cluster-locks.js';
import { noneIfUnrepresentable } from '../database/column-text.js';
import { toFlag } from '../database/columns/column-values.js';
import { type ConstantStatement, constantStatement } from '../database/constant-statement.js';
import { type Dialect, dialectOf } from '../database/dialect.js';
import type { Account } from '../database/entities/account.entity.js';
import { Statements } from '../database/statements.service.js';
import {
  type AccountRow,
  type AccountWithPasswords,
  type ChallengedAccount,
  type Login,
  type PasswordsRow,
  toAccounts,
  toAccountWithPasswords,
  toChallengedAccount,
} from './account-rows.js';
import { AccountNotFound } from './account-not-found.js';
import type { PageStart } from './counted-ranges.js';

/**
 * Reads an account and all rows that belong to it in one round trip. Every account that is shown or authenticated comes
 * from this statement. It is written by hand because it runs on every call, and the same query through ORM relations
 * costs several times as much CPU.
 */
const select = <const Accounts extends string>(accounts: Accounts) =>
  `
  SELECT a.id, a.username, a.domain, a.email, a.phone, a.activated, a.confirmation_key, a.ip_address, a.user_agent, a.creation_time,
         a.blocked, a.activated_before_block, a.never_activated, a.has_creation_token,
         a.display_name, a.dtmf_protocol, a.dictionary, a.updated_at,
         p.password, p.algorithm, m.id AS admin_id, k.\`key\` AS api_key,
         c.new_email, c.hash AS email_hash, c.created_at AS email_requested_at,
         c.code AS email_code, c.failures AS email_failures, c.salt AS email_salt, h.id AS phone_change_id, h.phone AS new_phone, h.created_at AS phone_requested_at, e.id AS expiration_id, e.expires
    FROM ${accounts} a
    LEFT JOIN passwords p ON p.account_id = a.id
    LEFT JOIN admins m ON m.account_id = a.id
    LEFT JOIN api_keys k ON k.account_id = a.id
    LEFT JOIN email_changed c ON c.account_id = a.id
    LEFT JOIN phone_change_codes h ON h.account_id = a.id
    LEFT JOIN activation_expirations e ON e.account_id = a.id` as const;

const WHOLE = select('accounts');

const BY_SIP = constantStatement(`${WHOLE} WHERE a.username = ? AND a.domain = ?`);

const BY_KEY = constantStatement(`${WHOLE} WHERE k.\`key\` = ?`);

const BY_ID = constantStatement(`${WHOLE} WHERE a.id = ?`);

/** MIN instead of ORDER BY and LIMIT: with these, MySQL may read all accounts in the order of their ids. */
const OLDEST_BY_EMAIL = {
  sqlite: constantStatement(`${WHOLE} WHERE a.id = (SELECT MIN(id) FROM accounts WHERE email = ?)`),
  // The index finds the addresses that are equal by the collation. Of these, the bytes decide.
  mysql: constantStatement(
    `${WHOLE} WHERE a.id = (SELECT MIN(id) FROM accounts WHERE email = ? AND CAST(CONVERT(email USING utf8mb4) AS BINARY) = CAST(? AS BINARY))`,
  ),
};

const LOCK = constantStatement('SELECT id FROM accounts WHERE id = ? FOR UPDATE');

const PAGE = constantStatement(
  `${select('(SELECT * FROM accounts WHERE id >= ? ORDER BY id LIMIT ? OFFSET ?)')} ORDER BY a.id`,
);

const WITH_PASSWORDS =
  'SELECT a.id, a.username, a.domain, a.activated, a.blocked, p.password, p.algorithm FROM accounts a LEFT JOIN passwords p ON p.account_id = a.id';

const PASSWORDS_BY_SIP = constantStatement(`${WITH_PASSWORDS} WHERE a.username = ? AND a.domain = ?`);

const PASSWORDS_BY_ID = constantStatement(`${WITH_PASSWORDS} WHERE a.id = ?`);

const ANY = constantStatement('SELECT id FROM accounts LIMIT 1');

const ACTIVATED = constantStatement(
  'SELECT username, domain, activated FROM accounts WHERE username = ? AND domain = ?',
);

/** A range of ids: its number, the number of accounts in it, and the greatest of their ids. */
export interface CountedRange {
  readonly number: number;
  readonly accounts: number;
  readonly greatest: number;
}

/** The statements that find accounts. Each method reads only the columns that its purpose needs. */
@Injectable()
export class AccountLookup {
  constructor(
    private readonly statements: Statements,
    private readonly dataSource: DataSource,
  ) {}

  /** Finds the account with exactly this address, byte for byte. */
  async bySip(address: SipAddress, manager?: EntityManager): Promise<Account | null> {
    const rows = await this.rowsBySip<AccountRow>(BY_SIP, address, manager);
    return toAccounts(rows)[0] ?? null;
  }

  /** Finds the oldest account with exactly this e-mail address, byte for byte. */
  async oldestByEmail(email: string): Promise<Account | null> {
    const dialect = dialectOf(this.dataSource);
    const parameters = dialect === 'mysql' ? [email, email] : [email];
    try {
      const rows = await this.statements.read<AccountRow>(OLDEST_BY_EMAIL[dialect], parameters);
      return toAccounts(rows)[0] ?? null;
    } catch (error) {
      noneIfUnrepresentable(error);
      return null;
    }
  }

  /** Reads the data that authentication needs of the account with exactly this address, byte for byte. */
  async findForLogin(address: SipAddress): Promise<Login | null> {
    const rows = await this.rowsBySip<AccountRow>(BY_SIP, address);
    const [account] = toAccounts(rows);
    return account ? { account, apiKey: rows[0]?.api_key ?? null } : null;
  }

  /** Like `findForLogin`, but finds the owner of exactly this API key, byte for byte. */
  async findForLoginByKey(key: string): Promise<Login | null> {
    const rows = (await this.statements.read<AccountRow>(BY_KEY, [key])).filter((row) => row.api_key === key);
    const [account] = toAccounts(rows);
    return account ? { account, apiKey: key } : null;
  }

  /** Reads the data that a challenge needs of the account with exactly this address. */
  async challengedBySip(address: SipAddress): Promise<ChallengedAccount | null> {
    return toChallengedAccount(await this.rowsBySip<PasswordsRow>(PASSWORDS_BY_SIP, address));
  }

  /** Reads the data that a sign-in with a password needs of the account with exactly this address. */
  async findForSignIn(address: SipAddress): Promise<AccountWithPasswords | null> {
    return toAccountWithPasswords(await this.rowsBySip<PasswordsRow>(PASSWORDS_BY_SIP, address));
  }

  /** Like `findForSignIn`, but by the id of the account. */
  async findForSignInById(id: number): Promise<AccountWithPasswords | null> {
    return toAccountWithPasswords(await this.statements.read<PasswordsRow>(PASSWORDS_BY_ID, [id]));
  }

  /** Whether there is any account. */
  async exist(): Promise<boolean> {
    return (await this.statements.read(ANY, [])).length > 0;
  }

  /** Whether the account with exactly this address is activated. Null if there is no such account. */
  async isActivated(address: SipAddress): Promise<boolean | null> {
    const [account] = await this.rowsBySip<Pick<AccountRow, 'username' | 'domain' | 'activated'>>(ACTIVATED, address);
    return account ? toFlag(account.activated) : null;
  }

  async byId(id: number, manager?: EntityManager): Promise<Account | null> {
    return toAccounts(await this.statements.read<AccountRow>(BY_ID, [id], manager))[0] ?? null;
  }

  /**
   * Reads the current account and locks it until the transaction ends, so that changes of one account run one after the
   * other. This must be the first statement of the transaction that reads the account.
   */
  async lockIfExists(id: number, manager: EntityManager): Promise<Account | null> {
    await lockOnAllNodes(manager, `account ${id}`);
    // SQLite has one writing transaction at a time, and no `FOR UPDATE`.
    if (dialectOf(manager.dataSource) === 'mysql') await this.statements.read(LOCK, [id], manager);
    return this.byId(id, manager);
  }

  /**
   * Does the same as {@link lockIfExists}.
   *
   * @throws AccountNotFound.
   */
  async lock(id: number, manager: EntityManager): Promise<Account> {
    const account = await this.lockIfExists(id, manager);
    if (!account) throw new AccountNotFound();
    return account;
  }

  /**
   * Reads an account again that the transaction has locked and changed.
   *
   * @throws AccountNotFound.
   */
  async reread(id: number, manager: EntityManager): Promise<Account> {
    const account = await this.byId(id, manager);
    // Equivalent mutants `if (false)` and `nothing`: the account is locked by then, and cannot be deleted.
    if (!account) throw new AccountNotFound();
    return account;
  }

  /** Reads a page of accounts ordered by id. It starts at `firstId` and skips `skip` accounts. */
  async page(limit: number, { firstId, skip }: Pick<PageStart, 'firstId' | 'skip'>): Promise<Account[]> {
    return toAccounts(await this.statements.read<AccountRow>(PAGE, [firstId, String(limit), String(skip)]));
  }

  /**
   * Reads a page of the accounts that match a search, ordered by id.
   *
   * @param search a part of the SIP address, e-mail address or phone number, in any case.
   */
  async search(search: string, limit: number, offset: number): Promise<Account[]> {
    const { condition, parameters } = matching(search, dialectOf(this.dataSource));
    const some = `(SELECT * FROM accounts ${condition} ORDER BY id LIMIT ? OFFSET ?)`;
    return toAccounts(await this.rowsOf<AccountRow>(`${select(some)} ORDER BY a.id`, [...parameters, limit, offset]));
  }

  /** Counts the accounts that match a search. */
  async count(search: string): Promise<number> {
    const { condition, parameters } = matching(search, dialectOf(this.dataSource));
    const [row] = await this.rowsOf<{ total: number }>(
      `SELECT COUNT(*) AS total FROM accounts ${condition}`,
      parameters,
    );
    return Number(row?.total ?? 0);
  }

  /** Counts the accounts in each range of ids, in ascending order, in the transaction of the manager. */
  async countInRanges(manager: EntityManager, width: number): Promise<CountedRange[]> {
    const number = dialectOf(manager.dataSource) === 'mysql' ? `id DIV ${width}` : `id / ${width}`;
    const rows: Record<keyof CountedRange, number | string>[] = await manager.query(
      `SELECT ${number} AS number, COUNT(*) AS accounts, MAX(id) AS greatest FROM accounts GROUP BY number ORDER BY number`,
    );
    return rows.map(({ number: range, accounts, greatest }) => ({
      number: Number(range),
      accounts: Number(accounts),
      greatest: Number(greatest),
    }));
  }

  /** Returns the ids that belong to accounts, in the transaction of the manager. */
  async existing(manager: EntityManager, ids: readonly number[]): Promise<Set<number>> {
    const rows: { id: number | string }[] = await manager.query(
      `SELECT id FROM accounts WHERE id IN (${ids.map(Number).join(', ')})`,
    );
    return new Set(rows.map(({ id }) => Number(id)));
  }

  /**
   * With MySQL's collations the index also finds Alice, álice, and alice with a trailing space for alice. So the rows
   * are compared again here, byte for byte.
   */
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

/**
 * On MySQL each column is converted to utf8mb4 before the comparison. Columns may differ in collation, and one column
 * may lack characters that another one has.
 */
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
