import { Column, Entity, JoinColumn, OneToOne, PrimaryGeneratedColumn, type Relation } from 'typeorm';
import { Timestamped } from '../../database/timestamped.js';
import { Account } from '../../accounts/entities/account.entity.js';

/** The API key of an account: at most one, ended by the next. */
@Entity('api_keys')
export class ApiKey extends Timestamped {
  @PrimaryGeneratedColumn({ type: 'integer', unsigned: true })
  id: number;

  @Column({ name: 'account_id', type: 'integer', unsigned: true })
  accountId: number;

  @OneToOne(() => Account, (account) => account.apiKey)
  @JoinColumn({ name: 'account_id' })
  account: Relation<Account>;

  @Column({ type: 'varchar', length: 160 })
  key: string;
}
