import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm';
import { Timestamped } from '../columns/timestamped.js';

/** A Digest nonce that has been used, and the counts it has been used with. */
@Entity('nonces')
export class Nonce extends Timestamped {
  @PrimaryGeneratedColumn({ type: 'integer', unsigned: true })
  id: number;

  @Column({ name: 'account_id', type: 'integer', unsigned: true })
  accountId: number;

  @Column({ type: 'varchar', length: 255 })
  nonce: string;

  /** The highest count seen. */
  @Column({ type: 'integer', unsigned: true })
  nc: number;

  /** Bit n is set if the count nc - n has been seen, for n from 0 to 63. An unsigned 64-bit number, as MySQL writes it. */
  @Column({ name: 'nc_window', type: 'bigint', unsigned: true, nullable: true })
  ncWindow: string | null;
}
