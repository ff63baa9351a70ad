import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm';
import { Flag } from '../columns/column-values.js';
import { type Dictionary, dictionaryText } from '../columns/dictionary-text.js';

import { UtcDateTime } from '../columns/utc-date-time.js';
import type { ActivationExpiration } from './activation-expiration.entity.js';
import type { Admin } from './admin.entity.js';
import type { EmailChange } from './email-change.entity.js';
import type { Password } from './password.entity.js';

/** How an app sends DTMF: SIP INFO, RTP events (RFC 2833), or SIP MESSAGE. */
export const DTMF_PROTOCOLS = ['sipinfo', 'rfc2833', 'sipmessage'] as const;
export type DtmfProtocol = (typeof DTMF_PROTOCOLS)[number];

/** A SIP account. Flexisip lets it register as `sip:username@domain`. */
@Entity('accounts')
export class Account {
  @PrimaryGeneratedColumn({ type: 'integer', unsigned: true })
  id: number;

  @Column({ type: 'varchar', length: 64 })
  username: string;

  @Column({ type: 'varchar', length: 64 })
  domain: string;

  @Column({ type: 'varchar', length: 64, nullable: true })
  email: string | null;

  /**
   * The confirmed phone number in E.164 format. It equals the account's row in `aliases`, which older versions of
   * Flexisip read.
   */
  @Column({ type: 'varchar', length: 64, nullable: true })
  phone: string | null;

  /**
   * Whether the account is activated. While it is blocked, the column is 0, so that Flexisip does not find the account,
   * and this member says whether it is activated beneath that.
   */
  @Flag()
  activated: boolean;

  /** Whether an administrator has blocked the account. */
  @Flag()
  blocked: boolean;

  /** Whether the account was activated when it was blocked. False for an account that is not blocked. */
  @Flag({ name: 'activated_before_block' })
  activatedBeforeBlock: boolean;

  /**
   * Whether the account was created without an activation code and was never activated since. Use
   * {@link wasNeverActivated}, which also knows accounts that wait for an activation code.
   */
  @Flag({ name: 'never_activated' })
  neverActivated: boolean;

  /** Whether an account creation token of contract-2x created the account, or was consumed by it. */
  @Flag({ name: 'has_creation_token' })
  hasCreationToken: boolean;

  /** The name that the apps show for the account. */
  @Column({ name: 'display_name', type: 'varchar', length: 255, nullable: true })
  displayName: string | null;

  /** How the apps of this account send DTMF. */
  @Column({ name: 'dtmf_protocol', type: 'varchar', length: 16, nullable: true })
  dtmfProtocol: DtmfProtocol | null;

  /** Texts that an administrator keeps with the account. Stored as a JSON object. */
  @Column({ type: 'varchar', transformer: dictionaryText, nullable: true })
  dictionary: Dictionary;

  /** When the row of the account last changed; null if it never did, or changed before this column existed. */
  @UtcDateTime({ name: 'updated_at', nullable: true })
  updatedAt: Date | null;

  /**
   * The code that activates the account: 13 characters, or 4 digits if it was sent by SMS. Null once the account is
   * activated.
   */
  @Column({ name: 'confirmation_key', type: 'varchar', length: 14, nullable: true })
  confirmationKey: string | null;

  @Column({ name: 'ip_address', type: 'varchar', length: 39 })
  ipAddress: string;

  @Column({ name: 'user_agent', type: 'varchar', length: 256 })
  userAgent: string;

  @UtcDateTime({ name: 'creation_time' })
  creationTime: Date;

  // The members below are not columns. AccountLookup reads them from other tables, together with the account.

  /** The usable passwords, at most one per algorithm. */
  passwords: Password[];

  /** Whether the table `passwords` has rows of this account that cannot be used to log in. */
  hasUnusablePasswords?: boolean;

  /** Null if the account is not an administrator. */
  admin: Admin | null;

  /** Whether the account has an API key. The key itself is a proof: only authentication reads it. */
  hasApiKey: boolean;

  /** A new e-mail address that is not confirmed yet. */
  emailChange: EmailChange | null;

  /** A new phone number that is not confirmed yet. */
  phoneChange: { readonly phone: string; readonly createdAt: Date | null } | null;

  /** Null if the confirmation key does not expire. */
  activationExpiration: ActivationExpiration | null;

  /** Whether the account may still activate itself. One that an administrator deactivated may not. */
  get wasNeverActivated(): boolean {
    return !this.activated && (this.neverActivated || this.confirmationKey !== null);
  }
}
