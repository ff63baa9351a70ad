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

  /** The code in the same e-mail, 4 digits. Null in a row of the server of 2021, or if all tries are used up. */
  @Column({ type: 'varchar', length: 16, nullable: true })
  code: string | null;

  /** The number of wrong guesses at the code. */
  @Column({ type: 'integer', unsigned: true })
  failures: number;

  /** The random text that the secret of the link is derived from. Null in a row of the server of 2021. */
  @Column({ type: 'varchar', length: 64, nullable: true })
  salt: string | null;
}
