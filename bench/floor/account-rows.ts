import type { AccountDto } from '../../src/accounts/dto/account.dto.js';
import type { PasswordAlgorithm } from '../../src/database/entities/password.entity.js';
import type { IdentityRow } from './authentication.js';

/** An account with all shown members, one of its passwords and one of its expirations. */
export interface AccountRow extends IdentityRow {
  readonly email: string | null;
  readonly phone: string | null;
  readonly ip_address: string;
  readonly user_agent: string;
  readonly creation_time: string;
  readonly algorithm: PasswordAlgorithm | null;
  readonly admin_id: number | null;
  readonly new_email: string | null;
  readonly email_requested_at: string | null;
  readonly expiration_id: number | null;
  readonly expires: string | null;
}

export const ACCOUNT_COLUMNS = `
  a.id, a.username, a.domain, a.email, a.phone, a.activated, a.ip_address, a.user_agent, a.creation_time, p.algorithm, m.id AS admin_id,
  c.new_email, c.created_at AS email_requested_at, e.id AS expiration_id, e.expires`;

export const ACCOUNT_JOINS = `
  LEFT JOIN passwords p ON p.account_id = a.id
  LEFT JOIN admins m ON m.account_id = a.id
  LEFT JOIN email_changed c ON c.account_id = a.id
  LEFT JOIN activation_expirations e ON e.account_id = a.id`;

/** Other algorithms in `passwords` cannot be used and are not shown. */
const SHOWN_ALGORITHMS: readonly PasswordAlgorithm[] = ['CLRTXT', 'MD5', 'SHA-256'];

/**
 * Builds an account from its rows. They come in any order: sorting a few here costs less than sorting in the database.
 */
export function toAccount(rows: readonly AccountRow[]): AccountDto {
  const [row] = rows as [AccountRow];
  return {
    id: row.id,
    username: row.username,
    domain: row.domain,
    email: row.email,
    activated: row.activated !== 0,
    admin: row.admin_id !== null,
    ip_address: row.ip_address,
    user_agent: row.user_agent,
    creation_time: row.creation_time,
    realm: null,
    phone: row.phone,
    confirmation_key_expires: newestExpiration(rows),
    passwords: SHOWN_ALGORITHMS.filter((algorithm) => rows.some((one) => one.algorithm === algorithm)).map(
      (algorithm) => ({ algorithm }),
    ),
    email_changed: row.new_email === null ? null : { new_email: row.new_email, created_at: row.email_requested_at },
  };
}

function newestExpiration(rows: readonly AccountRow[]): string | null {
  let newest = rows[0];
  for (const row of rows) {
    if (Number(row.expiration_id) > Number(newest?.expiration_id)) newest = row;
  }
  return newest?.expires ?? null;
}
