import { ApiProperty } from '@nestjs/swagger';
import { formatDateTime, formatIsoDateTime } from '../../database/columns/utc-date-time.js';
import { type Account, DTMF_PROTOCOLS } from '../../database/entities/account.entity.js';

const nullableDate = { type: String, nullable: true, example: '2026-11-25 10:00:00' } as const;

const nullableIsoDate = { type: String, nullable: true, example: '2026-11-25T10:00:00Z' } as const;

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

/** A new e-mail address that waits for its code. */
export class EmailChangeCodeDto {
  @ApiProperty({ example: 'john.new@example.org' })
  email: string;

  /** When the code was requested, ISO 8601 in UTC. */
  @ApiProperty(nullableIsoDate)
  created_at: string | null;
}

/** A new phone number that waits for its code. */
export class PhoneChangeCodeDto {
  @ApiProperty({ example: '+33612345678' })
  phone: string;

  /** When the code was requested, ISO 8601 in UTC. */
  @ApiProperty(nullableIsoDate)
  created_at: string | null;
}

/** An account as its owner sees it (protocol §3, contract-2x §6). Unless they say otherwise, dates are `YYYY-MM-DD HH:MM:SS` in UTC. */
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

  /** The name that the apps show for the account. */
  @ApiProperty({ type: String, nullable: true, example: 'John Doe' })
  display_name: string | null;

  /** How the apps of the account send DTMF. */
  @ApiProperty({ type: String, enum: [...DTMF_PROTOCOLS, null], nullable: true, example: 'sipinfo' })
  dtmf_protocol: string | null;

  /** Whether an administrator has blocked the account. A blocked account can neither use this API nor register. */
  @ApiProperty()
  blocked: boolean;

  @ApiProperty({ example: 'sip:johndoe@sip.example.org' })
  sip_uri: string;

  /** The same moment as `creation_time`, ISO 8601 in UTC. */
  @ApiProperty({ example: '2026-11-24T10:00:00Z' })
  created_at: string;

  /** When a member of the account last changed, ISO 8601 in UTC. Passwords are not members. */
  @ApiProperty({ example: '2026-11-24T10:00:00Z' })
  updated_at: string;

  /** Texts that an administrator keeps with the account. */
  @ApiProperty({ type: 'object', additionalProperties: { type: 'string' }, example: { department: 'sales' } })
  dictionary: Readonly<Record<string, string>>;

  /** Always empty: this service has no types of accounts. */
  @ApiProperty({ type: 'array', items: { type: 'object' }, maxItems: 0, example: [] })
  types: never[];

  /** Always empty: this service has no actions of accounts. */
  @ApiProperty({ type: 'array', items: { type: 'object' }, maxItems: 0, example: [] })
  actions: never[];

  /** The e-mail address that waits for a code. The code itself is never shown. */
  @ApiProperty({ type: () => EmailChangeCodeDto, nullable: true })
  email_change_code: EmailChangeCodeDto | null;

  /** The phone number that waits for a code. The code itself is never shown. */
  @ApiProperty({ type: () => PhoneChangeCodeDto, nullable: true })
  phone_change_code: PhoneChangeCodeDto | null;

  /** @param realm the configured realm, or null. */
  static from(account: Account, realm: string | null): AccountDto {
    const { emailChange, phoneChange, activationExpiration } = account;
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
      display_name: account.displayName,
      dtmf_protocol: account.dtmfProtocol,
      blocked: account.blocked,
      sip_uri: `sip:${account.username}@${account.domain}`,
      created_at: formatIsoDateTime(account.creationTime),
      updated_at: formatIsoDateTime(account.updatedAt ?? account.creationTime),
      dictionary: account.dictionary,
      types: [],
      actions: [],
      email_change_code: emailChange?.code
        ? { email: emailChange.newEmail, created_at: emailChange.createdAt && formatIsoDateTime(emailChange.createdAt) }
        : null,
      phone_change_code: phoneChange && {
        phone: phoneChange.phone,
        created_at: phoneChange.createdAt && formatIsoDateTime(phoneChange.createdAt),
      },
    };
  }
}
