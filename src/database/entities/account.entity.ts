import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm';
import { Flag } from '../columns/column-values.js';
import { UtcDateTime } from '../columns/utc-date-time.js';
import type { ActivationExpiration } from './activation-expiration.entity.js';
import type { Admin } from './admin.entity.js';
import type { EmailChange } from './email-change.entity.js';
import type { Password } from './password.entity.js';

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

  /** Flexisip lets only an activated account register. */
  @Flag()
  activated: boolean;

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

  /** Null if the confirmation key does not expire. */
  activationExpiration: ActivationExpiration | null;
}
