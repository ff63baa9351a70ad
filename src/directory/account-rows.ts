import { toFlag, toId } from '../database/columns/column-values.js';
import { parseDictionary } from '../database/columns/dictionary-text.js';
import { parseDateTime } from '../database/columns/utc-date-time.js';
import { Account, DTMF_PROTOCOLS } from '../database/entities/account.entity.js';
import { ActivationExpiration } from '../database/entities/activation-expiration.entity.js';
import { Admin } from '../database/entities/admin.entity.js';
import { EmailChange } from '../database/entities/email-change.entity.js';
import { Password } from '../database/entities/password.entity.js';
import { usablePassword, type UsablePassword } from '../digest/stored-password.js';
import { isActivationCode } from './activation-code.js';

/** A row of the account statement: the account, all that belongs to it, and one of its passwords. */
export interface AccountRow {
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
  blocked: unknown;
  activated_before_block: unknown;
  never_activated: unknown;
  has_creation_token: unknown;
  display_name: string | null;
  dtmf_protocol: string | null;
  dictionary: string | null;
  updated_at: string | null;
  password: string | null;
  algorithm: string | null;
  admin_id: number | string | null;
  api_key: string | null;
  new_email: string | null;
  email_hash: string | null;
  email_requested_at: string | null;
  email_code: string | null;
  email_failures: number | string | null;
  email_salt: string | null;
  phone_change_id: number | string | null;
  new_phone: string | null;
  phone_requested_at: string | null;
  expiration_id: number | string | null;
  expires: string | null;
}

/** The columns of an account row that sign-in and challenges need. */
export type PasswordsRow = Pick<
  AccountRow,
  'id' | 'username' | 'domain' | 'activated' | 'blocked' | 'password' | 'algorithm'
>;

/** The data of an account that a challenge needs. */
export type ChallengedAccount = Pick<Account, 'id' | 'username' | 'domain'> & {
  readonly passwords: readonly Pick<UsablePassword, 'algorithm'>[];
};

/** An account with its API key, if it has one. A request may authenticate with it. */
export interface Login {
  readonly account: Account;
  readonly apiKey: string | null;
}

/** The data of an account that a sign-in with a password needs. */
export type AccountWithPasswords = Pick<Account, 'id' | 'username' | 'domain' | 'activated' | 'blocked' | 'passwords'>;

/** Converts rows to accounts, in the order of their first rows. An account has one row for each of its passwords. */
export function toAccounts(rows: AccountRow[]): Account[] {
  const accounts = new Map<number, Account>();
  // 2021 data may have several rows of one kind for an account. The newest counts.
  const newest = { expirations: new Map<number, number>(), phoneChanges: new Map<number, number>() };
  for (const row of rows) {
    const id = toId(row.id);
    const account = accounts.get(id) ?? toAccount(id, row);
    accounts.set(id, account);
    addPassword(account, row);
    if (isNewer(newest.expirations, id, row.expiration_id)) account.activationExpiration = toExpiration(id, row);
    if (isNewer(newest.phoneChanges, id, row.phone_change_id)) account.phoneChange = toPhoneChange(row);
  }
  for (const { passwords } of accounts.values()) passwords.sort(inOrderOfChallenges);
  return [...accounts.values()];
}

function toAccount(id: number, row: AccountRow): Account {
  const blocked = toFlag(row.blocked);
  return Object.assign(new Account(), {
    id,
    username: row.username,
    domain: row.domain,
    // A server whose columns do not allow NULL stores an empty text instead.
    email: row.email || null,
    phone: row.phone || null,
    activated: toFlag(blocked ? row.activated_before_block : row.activated),
    blocked,
    activatedBeforeBlock: toFlag(row.activated_before_block),
    neverActivated: toFlag(row.never_activated),
    hasCreationToken: toFlag(row.has_creation_token),
    displayName: row.display_name || null,
    dtmfProtocol: DTMF_PROTOCOLS.find((protocol) => protocol === row.dtmf_protocol) ?? null,
    dictionary: parseDictionary(row.dictionary),
    updatedAt: parseDateTime(row.updated_at),
    confirmationKey: isActivationCode(row.confirmation_key) ? row.confirmation_key : null,
    ipAddress: row.ip_address,
    userAgent: row.user_agent,
    creationTime: parseDateTime(row.creation_time) ?? new Date(0),
    passwords: [],
    admin: row.admin_id === null ? null : Object.assign(new Admin(), { id: toId(row.admin_id), accountId: id }),
    hasApiKey: row.api_key !== null,
    emailChange: toEmailChange(id, row),
    phoneChange: null,
    activationExpiration: null,
  });
}

/** Whether a row is the newest of its kind for an account so far. Remembers it then. */
function isNewer(newest: Map<number, number>, accountId: number, rowId: number | string | null): boolean {
  if (rowId === null || toId(rowId) < (newest.get(accountId) ?? 0)) return false;
  newest.set(accountId, toId(rowId));
  return true;
}

function toPhoneChange({ new_phone, phone_requested_at }: AccountRow): Account['phoneChange'] {
  return { phone: new_phone ?? '', createdAt: parseDateTime(phone_requested_at) };
}

/** Converts the rows of one account. Returns null if there are none. */
export function toAccountWithPasswords(rows: PasswordsRow[]): AccountWithPasswords | null {
  const [row] = rows;
  if (!row) return null;
  const { id, username, domain } = row;
  const [activated, blocked] = [toFlag(row.activated), toFlag(row.blocked)];
  const account = { id: toId(id), username, domain, activated, blocked, passwords: [] as Password[] };
  for (const one of rows) addPassword(account, one);
  account.passwords.sort(inOrderOfChallenges);
  return account;
}

/** Converts the rows of one account to the data that a challenge needs. Returns null if there are none. */
export function toChallengedAccount(rows: readonly PasswordsRow[]): ChallengedAccount | null {
  const [account] = rows;
  if (!account) return null;
  const { id, username, domain } = account;
  return {
    id: toId(id),
    username,
    domain,
    passwords: rows.map(usablePassword).filter((password) => password !== null),
  };
}

function toEmailChange(accountId: number, row: AccountRow): EmailChange | null {
  if (row.new_email === null) return null;
  return Object.assign(new EmailChange(), {
    accountId,
    newEmail: row.new_email,
    hash: row.email_hash ?? '',
    code: row.email_code,
    failures: Number(row.email_failures ?? 0),
    salt: row.email_salt,
    createdAt: parseDateTime(row.email_requested_at),
  });
}

/**
 * NULL means that the code does not expire. A value that is not a valid date (`0000-00-00 00:00:00`) counts as expired,
 * so that it does not make a code valid for ever.
 */
function toExpiration(accountId: number, { expires }: AccountRow): ActivationExpiration | null {
  if (expires === null) return null;
  return Object.assign(new ActivationExpiration(), { accountId, expires: parseDateTime(expires) ?? new Date(0) });
}

/** If an account has several expirations, its rows repeat its passwords. */
function addPassword(
  account: Pick<Account, 'id' | 'passwords' | 'hasUnusablePasswords'>,
  row: Pick<AccountRow, 'password' | 'algorithm'>,
): void {
  const password = usablePassword(row);
  if (row.algorithm !== null && !password) account.hasUnusablePasswords = true;
  if (!password || account.passwords.some(({ algorithm }) => algorithm === password.algorithm)) return;
  account.passwords.push(Object.assign(new Password(), { accountId: account.id, ...password }));
}

function inOrderOfChallenges(one: Password, other: Password): number {
  return one.algorithm < other.algorithm ? -1 : 1;
}
