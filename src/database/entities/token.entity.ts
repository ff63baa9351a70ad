import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm';
import { Flag } from '../columns/column-values.js';
import { Timestamped } from '../columns/timestamped.js';

/** An account creation token. It is pushed to the device that its three push parameters name (RFC 8599). */
@Entity('tokens')
export class Token extends Timestamped {
  @PrimaryGeneratedColumn({ type: 'bigint', unsigned: true })
  id: string;

  @Column({ type: 'varchar', length: 255 })
  token: string;

  @Column({ name: 'pn_provider', type: 'varchar', length: 255 })
  pnProvider: string;

  @Column({ name: 'pn_param', type: 'varchar', length: 255 })
  pnParam: string;

  @Column({ name: 'pn_prid', type: 'varchar', length: 255 })
  pnPrid: string;

  @Flag()
  used: boolean;
}
