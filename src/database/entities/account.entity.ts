import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm';
import type { ApiKey } from './api-key.entity.js';
import { Flag } from '../columns/column-values.js';
import { UtcDateTime } from '../columns/utc-date-time.js';
import type { ActivationExpiration } from './activation-expiration.entity.js';
import type { Admin } from './admin.entity.js';
import type { EmailChange } from './email-change.entity.js';
import type { Password } from './password.entity.js';

/** A telephone account: what Flexisip lets register as `sip:username@domain`. */
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

  /** The confirmed phone number, E.164. Kept equal to the account's row in `aliases`, which older Flexisips read. */
  @Column({ type: 'varchar', length: 64, nullable: true })
  phone: string | null;

  /** Flexisip only lets an activated account register. */
  @Flag()
  activated: boolean;

  /** The code that activates the account: 13 characters, or 4 digits if it went out by SMS. Null once activated. */
  @Column({ name: 'confirmation_key', type: 'varchar', length: 14, nullable: true })
  confirmationKey: string | null;

  @Column({ name: 'ip_address', type: 'varchar', length: 39 })
  ipAddress: string;

  @Column({ name: 'user_agent', type: 'varchar', length: 256 })
  userAgent: string;

  @UtcDateTime({ name: 'creation_time' })
  creationTime: Date;

  // The members below are no columns. AccountLookup reads them from other tables, together with the account.

  /** The usable passwords, at most one for each algorithm. */
  passwords: Password[];

  /** Whether the table `passwords` holds rows of the account that cannot be used to log in. */
  hasUnusablePasswords?: boolean;

  /** Null for an account that is no administrator. */
  admin: Admin | null;

  apiKey: ApiKey | null;

  /** The mail address that waits for its confirmation. */
  emailChange: EmailChange | null;

  /** Null for an account whose confirmation key does not expire. */
  activationExpiration: ActivationExpiration | null;
}
