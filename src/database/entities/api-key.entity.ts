import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm';
import { Timestamped } from '../columns/timestamped.js';

/** The API key of an account. An account has at most one; a new key replaces it. */
@Entity('api_keys')
export class ApiKey extends Timestamped {
  @PrimaryGeneratedColumn({ type: 'integer', unsigned: true })
  id: number;

  @Column({ name: 'account_id', type: 'integer', unsigned: true })
  accountId: number;

  @Column({ type: 'varchar', length: 160 })
  key: string;
}
