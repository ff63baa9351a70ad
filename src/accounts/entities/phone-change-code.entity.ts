import { Column, Entity, JoinColumn, ManyToOne, PrimaryGeneratedColumn, type Relation } from 'typeorm';
import { UtcDateTime } from '../../database/utc-date-time.js';
import { Account } from './account.entity.js';

/** A phone number that waits for its owner to confirm it, with the code that was sent there. */
@Entity('phone_change_codes')
export class PhoneChangeCode {
  @PrimaryGeneratedColumn({ type: 'integer', unsigned: true })
  id: number;

  @Column({ name: 'account_id', type: 'integer', unsigned: true })
  accountId: number;

  @ManyToOne(() => Account)
  @JoinColumn({ name: 'account_id' })
  account: Relation<Account>;

  /** 4 digits. */
  @Column({ type: 'varchar', length: 255 })
  code: string;

  @Column({ type: 'varchar', length: 255 })
  phone: string;

  @UtcDateTime({ name: 'created_at', nullable: true })
  createdAt: Date | null;

  @UtcDateTime({ name: 'updated_at', nullable: true })
  updatedAt: Date | null;

  /** Whether the code has become too old, `lifetime` seconds after it was sent. */
  isOver(lifetime: number, now: Date): boolean {
    return this.createdAt === null || this.createdAt.getTime() + lifetime * 1000 <= now.getTime();
  }
}
