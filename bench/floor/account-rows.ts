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
  readonly blocked: number;
  readonly activated_before_block: number;
  readonly display_name: string | null;
  readonly dtmf_protocol: string | null;
  readonly dictionary: string | null;
  readonly updated_at: string | null;
  readonly email_code: string | null;
  readonly new_phone: string | null;
  readonly phone_requested_at: string | null;
  readonly expiration_id: number | null;
  readonly expires: string | null;
}

export const ACCOUNT_COLUMNS = `
  a.id, a.username, a.domain, a.email, a.phone, a.activated, a.ip_address, a.user_agent, a.creation_time, p.algorithm, m.id AS admin_id,
  a.blocked, a.activated_before_block, a.display_name, a.dtmf_protocol, a.dictionary, a.updated_at,
  c.new_email, c.code AS email_code, c.created_at AS email_requested_at, h.phone AS new_phone, h.created_at AS phone_requested_at, e.id AS expiration_id, e.expires`;

export const ACCOUNT_JOINS = `
  LEFT JOIN passwords p ON p.account_id = a.id
  LEFT JOIN admins m ON m.account_id = a.id
  LEFT JOIN email_changed c ON c.account_id = a.id
  LEFT JOIN phone_change_codes h ON h.account_id = a.id
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
    activated: (row.blocked !== 0 ? row.activated_before_block : row.activated) !== 0,
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
    display_name: row.display_name,
    dtmf_protocol: row.dtmf_protocol,
    blocked: row.blocked !== 0,
    sip_uri: `sip:${row.username}@${row.domain}`,
    created_at: iso(row.creation_time),
    updated_at: iso(row.updated_at ?? row.creation_time),
    dictionary: row.dictionary === null ? {} : (JSON.parse(row.dictionary) as Record<string, string>),
    types: [],
    actions: [],
    email_change_code:
      row.new_email === null || row.email_code === null
        ? null
        : { email: row.new_email, created_at: row.email_requested_at && iso(row.email_requested_at) },
    phone_change_code:
      row.new_phone === null
        ? null
        : { phone: row.new_phone, created_at: row.phone_requested_at && iso(row.phone_requested_at) },
  };
}

/** Both forms of a moment are in UTC. */
export function iso(moment: string): string {
  return `${moment.slice(0, 10)}T${moment.slice(11, 19)}Z`;
}

function newestExpiration(rows: readonly AccountRow[]): string | null {
  let newest = rows[0];
  for (const row of rows) {
    if (Number(row.expiration_id) > Number(newest?.expiration_id)) newest = row;
  }
  return newest?.expires ?? null;
}
