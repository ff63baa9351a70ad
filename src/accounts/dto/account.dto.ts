import { ApiProperty } from '@nestjs/swagger';
import { formatDateTime } from '../../database/columns/utc-date-time.js';
import type { Account } from '../../database/entities/account.entity.js';

const nullableDate = { type: String, nullable: true, example: '2026-11-25 10:00:00' } as const;

/** The algorithm of a stored password. The password itself is not part of it. */
export class PasswordDto {
  /** `MD5`, `SHA-256`, or `CLRTXT` for a password in clear text. */
  @ApiProperty({ enum: ['MD5', 'SHA-256', 'CLRTXT'], example: 'SHA-256' })
  algorithm: string;
}

/** A new e-mail address that waits for confirmation. */
export class EmailChangedDto {
  /** The address that the confirmation was sent to. */
  @ApiProperty({ example: 'john.new@example.org' })
  new_email: string;

  /** When the change was requested. */
  @ApiProperty(nullableDate)
  created_at: string | null;
}

/** An account as its owner sees it (protocol §3). Dates are `YYYY-MM-DD HH:MM:SS` in UTC. */
export class AccountDto {
  @ApiProperty({ example: 42 })
  id: number;

  @ApiProperty({ example: 'johndoe' })
  username: string;

  @ApiProperty({ example: 'sip.example.org' })
  domain: string;

  @ApiProperty({ type: String, nullable: true, example: 'john@example.org' })
  email: string | null;

  /** Whether the account may register at the SIP proxy and use this API. */
  @ApiProperty()
  activated: boolean;

  @ApiProperty()
  admin: boolean;

  /** The source address of the call that created the account. */
  @ApiProperty({ example: '192.0.2.17' })
  ip_address: string;

  /** The user agent that created the account. */
  @ApiProperty({ example: 'LinphoneAndroid/5.2.5' })
  user_agent: string;

  @ApiProperty({ example: '2026-11-24 10:00:00' })
  creation_time: string;

  /** The configured realm; null where each account's realm is its domain. */
  @ApiProperty({ type: String, nullable: true, example: null })
  realm: string | null;

  /** The confirmed phone number, E.164. */
  @ApiProperty({ type: String, nullable: true, example: '+33612345678' })
  phone: string | null;

  /** When the activation code expires; null if it does not expire or there is none. */
  @ApiProperty(nullableDate)
  confirmation_key_expires: string | null;

  /** The algorithms of the stored passwords. */
  @ApiProperty({ type: [PasswordDto] })
  passwords: PasswordDto[];

  /** The pending change of the e-mail address. */
  @ApiProperty({ type: () => EmailChangedDto, nullable: true })
  email_changed: EmailChangedDto | null;

  /** @param realm the configured realm, or null. */
  static from(account: Account, realm: string | null): AccountDto {
    const { emailChange, activationExpiration } = account;
    return {
      id: account.id,
      username: account.username,
      domain: account.domain,
      email: account.email,
      activated: account.activated,
      admin: account.admin !== null,
      ip_address: account.ipAddress,
      user_agent: account.userAgent,
      creation_time: formatDateTime(account.creationTime),
      realm,
      phone: account.phone,
      confirmation_key_expires: activationExpiration && formatDateTime(activationExpiration.expires),
      passwords: account.passwords.map(({ algorithm }) => ({ algorithm })),
      email_changed: emailChange && {
        new_email: emailChange.newEmail,
        created_at: emailChange.createdAt && formatDateTime(emailChange.createdAt),
      },
    };
  }
}
