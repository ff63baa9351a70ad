import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm';

/** Another name of an account in its domain: its phone number, where Flexisip before 2.5 looks for it. */
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
