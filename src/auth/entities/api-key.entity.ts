import { Column, Entity, JoinColumn, OneToOne, PrimaryGeneratedColumn, type Relation } from 'typeorm';
import { UtcDateTime } from '../../database/utc-date-time.js';
import { Account } from '../../accounts/entities/account.entity.js';

/** The API key of an account: at most one, ended by the next. */
@Entity('api_keys')
export class ApiKey {
  @PrimaryGeneratedColumn({ type: 'integer', unsigned: true })
  id: number;

  @Column({ name: 'account_id', type: 'integer', unsigned: true })
  accountId: number;

  @OneToOne(() => Account, (account) => account.apiKey)
  @JoinColumn({ name: 'account_id' })
  account: Relation<Account>;

  @Column({ type: 'varchar', length: 160 })
  key: string;

  @UtcDateTime({ name: 'created_at', nullable: true })
  createdAt: Date | null;

  @UtcDateTime({ name: 'updated_at', nullable: true })
  updatedAt: Date | null;
}
