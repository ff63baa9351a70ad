import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm';
import { UtcDateTime } from '../columns/utc-date-time.js';

/**
 * What a token is good for: to prove a person before an account is created, to recover an account, or to pass a sign-in
 * to another device.
 */
export type TokenKind = 'request' | 'recovery' | 'auth';

/** A token that is used once and never sent again. Account creation tokens have a table of their own. */
@Entity('flexisip_api_tokens')
export class OneTimeToken {
  @PrimaryGeneratedColumn({ type: 'bigint', unsigned: true })
  id: string;

  @Column({ type: 'varchar', length: 16 })
  kind: TokenKind;

  /** SHA-256 of the token, in hexadecimal. The token itself is not stored. */
  @Column({ type: 'varchar', length: 64 })
  hash: string;

  /** The account that the token belongs to. Null while it belongs to none. */
  @Column({ name: 'account_id', type: 'integer', unsigned: true, nullable: true })
  accountId: number | null;

  /** The account creation token that a request token was exchanged for. */
  @Column({ name: 'creation_token_id', type: 'bigint', unsigned: true, nullable: true })
  creationTokenId: string | null;

  @UtcDateTime()
  created: Date;

  @UtcDateTime()
  expires: Date;

  /** When a person was proven on the page of a request token. */
  @UtcDateTime({ nullable: true })
  validated: Date | null;

  @UtcDateTime({ nullable: true })
  used: Date | null;
}
