import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm';
import { Timestamped } from '../columns/timestamped.js';

/** A row of this table makes the account an administrator. */
@Entity('admins')
export class Admin extends Timestamped {
  @PrimaryGeneratedColumn({ type: 'integer', unsigned: true })
  id: number;

  @Column({ name: 'account_id', type: 'integer', unsigned: true })
  accountId: number;
}
