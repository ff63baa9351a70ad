import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm';
import { UtcDateTime } from '../columns/utc-date-time.js';

/** A session of the panel: one account in one browser. */
@Entity('panel_sessions')
export class PanelSession {
  @PrimaryGeneratedColumn({ type: 'integer', unsigned: true })
  id: number;

  @Column({ name: 'account_id', type: 'integer', unsigned: true })
  accountId: number;

  /** SHA-256 of the session id, so that a leaked table cannot be used to sign in. */
  @Column({ type: 'varchar', length: 64 })
  hash: string;

  /** Stamp of the account's passwords at sign-in. The session ends when they change. */
  @Column({ type: 'varchar', length: 64 })
  stamp: string;

  @UtcDateTime()
  expires: Date;
}
