import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm';
import { Flag } from '../columns/column-values.js';
import { Timestamped } from '../columns/timestamped.js';
import { UtcDateTime } from '../columns/utc-date-time.js';

/**
 * How a token was drawn: by a push for an app of 2022 or later, by a person on the page of a request token, or by an
 * administrator.
 */
export type TokenOrigin = 'push' | 'request' | 'invitation';

/** The route that has used a token. */
export type TokenUse = 'with-token' | 'with-creation-token' | 'consume';

/**
 * An account creation token. One that was pushed names its device by three push parameters (RFC 8599); they are empty in
 * other tokens. An invitation is stored as its SHA-256, because it is never sent again.
 */
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

  /** How the token was drawn. Null for `POST /tokens`, and for the server of 2021. */
  @Column({ type: 'varchar', length: 16, nullable: true })
  origin: TokenOrigin | null;

  /** Until when the token is accepted. Null where its age decides, see TOKEN_LIFETIME. */
  @UtcDateTime({ nullable: true })
  expires: Date | null;

  /** The route that has used the token. Null also for one that the server of 2021 used. */
  @Column({ name: 'used_by', type: 'varchar', length: 32, nullable: true })
  usedBy: TokenUse | null;

  /** The account that was created with the token, or has consumed it, while it exists. */
  @Column({ name: 'account_id', type: 'integer', unsigned: true, nullable: true })
  accountId: number | null;
}
