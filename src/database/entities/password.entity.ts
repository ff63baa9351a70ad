import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm';

/** How a password is stored. Flexisip compares these names case-sensitively. */
export const PASSWORD_ALGORITHMS = ['MD5', 'SHA-256', 'CLRTXT'] as const;

export type PasswordAlgorithm = (typeof PASSWORD_ALGORITHMS)[number];

/** A password of an account, at most one per algorithm, in the format of Flexisip. */
@Entity('passwords')
export class Password {
  @PrimaryGeneratedColumn({ type: 'integer', unsigned: true })
  id: number;

  @Column({ name: 'account_id', type: 'integer', unsigned: true })
  accountId: number;

  /** HA1 in lower-case hexadecimal, or the password itself if the algorithm is CLRTXT. */
  @Column({ type: 'varchar', length: 255 })
  password: string;

  @Column({ type: 'varchar', length: 10 })
  algorithm: PasswordAlgorithm;
}
