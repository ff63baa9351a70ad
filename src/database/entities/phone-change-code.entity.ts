import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm';
import { Timestamped } from '../columns/timestamped.js';

/** A new phone number that its owner has not confirmed yet, and the code that was sent to it. */
@Entity('phone_change_codes')
export class PhoneChangeCode extends Timestamped {
  @PrimaryGeneratedColumn({ type: 'integer', unsigned: true })
  id: number;

  @Column({ name: 'account_id', type: 'integer', unsigned: true })
  accountId: number;

  /** 4 digits. */
  @Column({ type: 'varchar', length: 255 })
  code: string;

  @Column({ type: 'varchar', length: 255 })
  phone: string;

  /** The number of wrong guesses at the code. */
  @Column({ type: 'integer', unsigned: true })
  failures: number;
}
