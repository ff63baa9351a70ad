import type { EntityManager } from 'typeorm';
import type { AppError } from '../common/errors/app-error.js';
import type { LimitName } from '../config/groups/limits.js';
import type { Settings } from '../config/settings.js';
import type { Isolation } from '../database/transactions.js';
import type { Channel } from './message-sender.service.js';

/** The class of an error that takes no arguments. */
type Refusal = new () => Error;

/** What a transaction about a proof must be like. */
interface Transactional {
  /** REPEATABLE READ where nothing is said. */
  readonly isolation?: Isolation;
  /** How the store holds the secret. A secret that need not be sent again is hashed: a copy of the table redeems nothing. */
  readonly storedAs: 'clear text' | 'SHA-256';
}

/** For whom a request counts. */
export interface Requester {
  readonly account: number;
  /** The address or number that the secret is sent to. All spellings of one must be the same text. */
  readonly target: string;
}

/** How the secrets of a purpose are drawn and sent. */
export interface Issuing<C extends Channel = Channel> extends Transactional {
  readonly channel: C;
  /** Draws a secret. One that was sent a moment ago may be sent again. */
  readonly draw: () => string | Promise<string>;
  /** Seconds until the secret expires, or the setting that says so. */
  readonly lifetime: number | ((settings: Settings) => number);
  /** How often secrets may be sent for one account, and to one address or number. A request counts if the message is delivered. */
  readonly limits?: { readonly [Whom in keyof Requester]?: LimitName };
  /** A refusal by which the caller learns something about others: it counts too. */
  readonly countedRefusal?: new () => AppError;
  /** What the caller gets if the message is not delivered. */
  readonly notDelivered: Refusal;
}

/** How the secrets of a purpose are redeemed. */
export interface Redeeming extends Transactional {
  /**
   * How many guesses there are for one secret. A wrong one uses up a try, and the last ends the secret. A secret with an unlimited number,
   * `Infinity`, cannot be guessed, or has a limit on failures alone.
   */
  readonly tries: number;
  /** How often a secret may be wrong or expired, whatever was sent in between. */
  readonly failures?: LimitName;
  /** What the caller gets if nothing waits for a secret, if it is not the right one, and if it is the right one too late. */
  readonly refusals: { readonly missing: Refusal; readonly wrong: Refusal; readonly expired: Refusal };
}

/** A kind of proof: a secret is sent to an address, and whoever gives it back has shown to read what is sent there. */
export interface Purpose<C extends Channel = Channel> extends Issuing<C>, Redeeming {}

/** A secret that was drawn. */
export interface IssuedSecret {
  /** As it is sent. */
  readonly secret: string;
  /** As it is stored. */
  readonly stored: string;
  readonly expires: Date;
}

/** What waits for its secret. */
export interface PendingProof {
  /** The secret as it is stored. */
  readonly stored: string;
  readonly isExpired: (now: Date) => boolean;
}

/** Where the pending proofs of a purpose are kept: a repository of their table. Its methods run in the transaction of their caller. */
export interface ProofStore<Key, Pending extends PendingProof> {
  /** Finds what waits for a secret, and holds it until the transaction ends. Null if nothing waits. */
  find(manager: EntityManager, key: Key): Promise<Pending | null>;
  /** Ends the secret: it is not found again. */
  end(manager: EntityManager, pending: Pending): Promise<void>;
  /**
   * Counts a wrong guess. A store without this method has no place for a count, and its secrets end with the first wrong guess.
   *
   * @returns how many wrong guesses there were for this secret.
   */
  countFailure?(manager: EntityManager, pending: Pending): Promise<number>;
}
