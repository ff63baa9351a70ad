import { Column, Entity, JoinColumn, OneToOne, PrimaryGeneratedColumn, type Relation } from 'typeorm';
import { UtcDateTime } from '../../database/utc-date-time.js';
import { Account } from './account.entity.js';

/** A mail address that waits for its owner to confirm it. */
@Entity('email_changed')
export class EmailChange {
  @PrimaryGeneratedColumn({ type: 'integer', unsigned: true })
  id: number;

  @Column({ name: 'account_id', type: 'integer', unsigned: true })
  accountId: number;

  @OneToOne(() => Account, (account) => account.emailChange)
  @JoinColumn({ name: 'account_id' })
  account: Relation<Account>;

  @Column({ name: 'new_email', type: 'varchar', length: 255 })
  newEmail: string;

  /** SHA-256 of the secret in the confirmation link; the secret itself is known to the mailbox alone. */
  @Column({ type: 'varchar', length: 255 })
  hash: string;

  @UtcDateTime({ name: 'created_at', nullable: true })
  createdAt: Date | null;

  @UtcDateTime({ name: 'updated_at', nullable: true })
  updatedAt: Date | null;

  /** Whether the request has become too old, `lifetime` seconds after it was made. */
  isOver(lifetime: number, now: Date): boolean {
    return this.createdAt === null || this.createdAt.getTime() + lifetime * 1000 <= now.getTime();
  }
}
