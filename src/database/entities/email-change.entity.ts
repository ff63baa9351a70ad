import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm';
import { Timestamped } from '../columns/timestamped.js';

/** A new e-mail address that its owner has not confirmed yet. */
@Entity('email_changed')
export class EmailChange extends Timestamped {
  @PrimaryGeneratedColumn({ type: 'integer', unsigned: true })
  id: number;

  @Column({ name: 'account_id', type: 'integer', unsigned: true })
  accountId: number;

  @Column({ name: 'new_email', type: 'varchar', length: 255 })
  newEmail: string;

  /** SHA-256 of the secret in the confirmation link. The secret itself is only in the sent e-mail. */
  @Column({ type: 'varchar', length: 255 })
  hash: string;
}
