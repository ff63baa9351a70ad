import { Column, Entity, OneToMany, OneToOne, PrimaryGeneratedColumn, type Relation } from 'typeorm';
import { ApiKey } from '../../auth/entities/api-key.entity.js';
import { Flag } from '../../database/column-values.js';
import { UtcDateTime } from '../../database/utc-date-time.js';
import { ActivationExpiration } from './activation-expiration.entity.js';
import { Admin } from './admin.entity.js';
import { EmailChange } from './email-change.entity.js';
import { Password } from './password.entity.js';

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

  @OneToMany(() => Password, (password) => password.account)
  passwords: Relation<Password>[];

  /** Whether `passwords` has rows of the account that count for nothing. No column: {@link AccountLookup} sees them. */
  hasUnusablePasswords?: boolean;

  @OneToOne(() => Admin, (admin) => admin.account)
  admin: Relation<Admin> | null;

  @OneToOne(() => ApiKey, (apiKey) => apiKey.account)
  apiKey: Relation<ApiKey> | null;

  @OneToOne(() => EmailChange, (change) => change.account)
  emailChange: Relation<EmailChange> | null;

  @OneToOne(() => ActivationExpiration, (expiration) => expiration.account)
  activationExpiration: Relation<ActivationExpiration> | null;
}
