import { toFlag, toId } from '../database/columns/column-values.js';
import { parseDateTime } from '../database/columns/utc-date-time.js';
import { Account } from '../database/entities/account.entity.js';
import { ActivationExpiration } from '../database/entities/activation-expiration.entity.js';
import { Admin } from '../database/entities/admin.entity.js';
import { EmailChange } from '../database/entities/email-change.entity.js';
import { Password } from '../database/entities/password.entity.js';
import { usablePassword, type UsablePassword } from '../digest/stored-password.js';
import { isActivationCode } from './activation-code.js';

/** An account with all that belongs to it, beside one of its passwords. */
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

/** The part of it that is about its passwords. */
export type PasswordsRow = Pick<AccountRow, 'id' | 'username' | 'domain' | 'activated' | 'password' | 'algorithm'>;

/** What a challenge needs to know of an account. */
export type ChallengedAccount = Pick<Account, 'id' | 'username' | 'domain'> & {
  readonly passwords: readonly Pick<UsablePassword, 'algorithm'>[];
};

/** An account with the API key that a request for it may be proven by. */
export interface Login {
  readonly account: Account;
  readonly apiKey: string | null;
}

/** What signing in with a password needs to know of an account. */
export type AccountWithPasswords = Pick<Account, 'id' | 'username' | 'domain' | 'activated' | 'passwords'>;

/** The accounts in the order of their first rows. An account has a row for each of its passwords. */
export function toAccounts(rows: AccountRow[]): Account[] {
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
    hasApiKey: row.api_key !== null,
    emailChange: toEmailChange(id, row),
    activationExpiration: null,
  });
}

/** The account of these rows; null if there are none. */
export function toAccountWithPasswords(rows: PasswordsRow[]): AccountWithPasswords | null {
  const [row] = rows;
  if (!row) return null;
  const { id, username, domain, activated } = row;
  const account = { id: toId(id), username, domain, activated: toFlag(activated), passwords: [] as Password[] };
  for (const one of rows) addPassword(account, one);
  account.passwords.sort(inOrderOfChallenges);
  return account;
}

/** What a challenge needs of the account of these rows; null if there are none. */
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
    createdAt: parseDateTime(row.email_requested_at),
  });
}

/** NULL is no end. What names no moment (`0000-00-00 00:00:00`) is long over: a code must not last for ever because of it. */
function toExpiration(accountId: number, { expires }: AccountRow): ActivationExpiration | null {
  if (expires === null) return null;
  return Object.assign(new ActivationExpiration(), { accountId, expires: parseDateTime(expires) ?? new Date(0) });
}

/** Rows of one account repeat its passwords where it has several expirations. */
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
