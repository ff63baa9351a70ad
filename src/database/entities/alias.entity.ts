import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm';

/** An alias of an account in its domain: its phone number. Flexisip before 2.5 searches for it here. */
@Entity('aliases')
export class Alias {
  @PrimaryGeneratedColumn({ type: 'integer', unsigned: true })
  id: number;

  @Column({ name: 'account_id', type: 'integer', unsigned: true })
  accountId: number;

  @Column({ type: 'varchar', length: 64 })
  alias: string;

  @Column({ type: 'varchar', length: 64 })
  domain: string;
}
