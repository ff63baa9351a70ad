import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm';
import { Timestamped } from '../columns/timestamped.js';

/** A used Digest nonce and its used counts. */
@Entity('nonces')
export class Nonce extends Timestamped {
  @PrimaryGeneratedColumn({ type: 'integer', unsigned: true })
  id: number;

  @Column({ name: 'account_id', type: 'integer', unsigned: true })
  accountId: number;

  @Column({ type: 'varchar', length: 255 })
  nonce: string;

  /** The highest count used so far. */
  @Column({ type: 'integer', unsigned: true })
  nc: number;

  /** Bit n is set if the count nc - n was used, for n from 0 to 63. An unsigned 64-bit number in MySQL notation. */
  @Column({ name: 'nc_window', type: 'bigint', unsigned: true, nullable: true })
  ncWindow: string | null;
}
