import { Column, Entity, JoinColumn, OneToOne, PrimaryGeneratedColumn, type Relation } from 'typeorm';
import { Timestamped } from '../../database/timestamped.js';
import { Account } from './account.entity.js';

/** Its row makes an account an administrator. */
@Entity('admins')
export class Admin extends Timestamped {
  @PrimaryGeneratedColumn({ type: 'integer', unsigned: true })
  id: number;

  @Column({ name: 'account_id', type: 'integer', unsigned: true })
  accountId: number;

  @OneToOne(() => Account, (account) => account.admin)
  @JoinColumn({ name: 'account_id' })
  account: Relation<Account>;
}
