import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm';
import { Timestamped } from '../columns/timestamped.js';
import { UtcDateTime } from '../columns/utc-date-time.js';

/** The time until which the confirmation key of an account is valid. */
@Entity('activation_expirations')
export class ActivationExpiration extends Timestamped {
  @PrimaryGeneratedColumn({ type: 'integer', unsigned: true })
  id: number;

  @Column({ name: 'account_id', type: 'integer', unsigned: true })
  accountId: number;

  @UtcDateTime({ name: 'expires' })
  expires: Date;

  isOver(now: Date): boolean {
    return this.expires < now;
  }
}
