import { Column, Entity, JoinColumn, OneToOne, PrimaryGeneratedColumn, type Relation } from 'typeorm';
import { UtcDateTime } from '../../database/utc-date-time.js';
import { Account } from './account.entity.js';

/** Its row makes an account an administrator. */
@Entity('admins')
export class Admin {
  @PrimaryGeneratedColumn({ type: 'integer', unsigned: true })
  id: number;

  @Column({ name: 'account_id', type: 'integer', unsigned: true })
  accountId: number;

  @OneToOne(() => Account, (account) => account.admin)
  @JoinColumn({ name: 'account_id' })
  account: Relation<Account>;

  @UtcDateTime({ name: 'created_at', nullable: true })
  createdAt: Date | null;

  @UtcDateTime({ name: 'updated_at', nullable: true })
  updatedAt: Date | null;
}
