import type { Connection } from 'mysql2/promise';
import { ha1Of } from '../support/digest-client.js';

/** A requested creation, and the rows of its account. */
export interface Creation {
  readonly path: string;
  readonly body: Readonly<Record<string, unknown>> & { readonly username: string };
  /** The rows that the database has once the account exists. */
  readonly rows: Readonly<AccountRows>;
  readonly isActivated: boolean;
}

interface AccountRows {
  email: string | null;
  phone: string | null;
  passwords: string | null;
  aliases: string | null;
  admins: number;
  expirations: number;
  codes: string | null;
  usedTokens: number;
}

export const PASSWORD = 'secret words';
const DOMAIN = 'sip.example.org';

/**
 * Creations of every kind: by an administrator, activated or not, with everything an account can have; and by a token,
 * with an e-mail address, with a number, with neither.
 *
 * @param round part of every name.
 */
export function creations(round: number, count: number): Creation[] {
  return Array.from({ length: count }, (_, index) =>
    index % 2 === 0 ? byAdministrator(round, index) : byToken(round, index),
  );
}

function byAdministrator(round: number, index: number): Creation {
  const username = `crash.${round}.${index}`;
  const [isActivated, isAdmin] = [index % 4 === 0, index % 6 === 0];
  const [email, phone] = [`${username}@example.org`, phoneOf(round, index)];
  const expires = isActivated ? {} : { confirmation_key_expires: '2099-01-01 00:00:00' };
  return {
    path: '/api/accounts',
    body: {
      username,
      password: PASSWORD,
      algorithm: 'SHA-256',
      email,
      phone,
      activated: isActivated,
      admin: isAdmin,
      ...expires,
    },
    rows: {
      email,
      phone,
      passwords: passwordOf(username),
      aliases: phone,
      admins: isAdmin ? 1 : 0,
      expirations: isActivated ? 0 : 1,
      codes: null,
      usedTokens: 0,
    },
    isActivated,
  };
}

function byToken(round: number, index: number): Creation {
  const username = `crash.${round}.${index}`;
  const [email, phone] = [
    index % 6 === 1 ? `${username}@example.org` : null,
    index % 6 === 3 ? phoneOf(round, index) : null,
  ];
  return {
    path: '/api/accounts/with-token',
    body: { username, password: PASSWORD, algorithm: 'SHA-256', token: username, email, phone },
    rows: {
      email,
      phone: null,
      passwords: passwordOf(username),
      aliases: null,
      admins: 0,
      expirations: email || phone ? 1 : 0,
      codes: phone,
      usedTokens: 1,
    },
    isActivated: false,
  };
}

const phoneOf = (round: number, index: number) =>
  `+336${String(round).padStart(5, '0')}${String(index).padStart(3, '0')}`;

const passwordOf = (username: string) => `SHA-256 ${ha1Of('SHA-256', { username, realm: DOMAIN, password: PASSWORD })}`;

/** Stores the tokens that the creations redeem. Each token has the name of its account. */
export async function giveTokens(database: Connection, wanted: readonly Creation[]): Promise<void> {
  const now = new Date().toISOString().slice(0, 19).replace('T', ' ');
  const rows = wanted
    .filter(({ body }) => 'token' in body)
    .map(({ body }) => [body.token, 'fcm', 'project', body.username, 0, now]);
  await database.query('INSERT INTO tokens (token, pn_provider, pn_param, pn_prid, used, created_at) VALUES ?', [rows]);
}

const ROWS = `SELECT username, email, phone,
    (SELECT GROUP_CONCAT(algorithm, ' ', password) FROM passwords WHERE account_id = accounts.id) AS passwords,
    (SELECT GROUP_CONCAT(alias) FROM aliases WHERE account_id = accounts.id) AS aliases,
    (SELECT COUNT(*) FROM admins WHERE account_id = accounts.id) AS admins,
    (SELECT COUNT(*) FROM activation_expirations WHERE account_id = accounts.id) AS expirations,
    (SELECT GROUP_CONCAT(phone) FROM phone_change_codes WHERE account_id = accounts.id) AS codes,
    (SELECT COUNT(*) FROM tokens WHERE token = username AND used = 1) AS usedTokens
  FROM accounts WHERE username LIKE ?`;

const WITH_ACCOUNTS = [
  'passwords',
  'aliases',
  'admins',
  'activation_expirations',
  'phone_change_codes',
  'api_keys',
  'nonces',
  'email_changed',
];

/** The rows of the accounts of a round, by their names. */
export async function accountsOf(database: Connection, round: number): Promise<Map<string, AccountRows>> {
  const [rows] = await database.query(ROWS, [`crash.${round}.%`]);
  return new Map((rows as (AccountRows & { username: string })[]).map(({ username, ...row }) => [username, row]));
}

/** Describes the rows and used tokens of a round that belong to no account. */
export async function leftovers(database: Connection, round: number): Promise<string[]> {
  const found: string[] = [];
  const [tokens] = await database.query(
    'SELECT token FROM tokens WHERE used = 1 AND token LIKE ? AND token NOT IN (SELECT username FROM accounts)',
    [`crash.${round}.%`],
  );
  for (const { token } of tokens as { token: string }[]) found.push(`the token ${token} is spent for nothing`);
  for (const table of WITH_ACCOUNTS) {
    const [rows] = await database.query(`SELECT id FROM ${table} WHERE account_id NOT IN (SELECT id FROM accounts)`);
    for (const { id } of rows as { id: number }[]) found.push(`row ${id} of ${table} is nobody's`);
  }
  return found;
}
