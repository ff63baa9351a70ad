import type { EntityManager } from 'typeorm';
import type { AppError } from '../common/errors/app-error.js';
import type { LimitName } from '../config/groups/limits.js';
import type { Settings } from '../config/settings.js';
import type { Isolation } from '../database/transactions.js';
import type { Channel } from './message-sender.service.js';

/**
 * A secret that is requested again for the same account and address within this many seconds is the same secret, because
 * a client sends a request again if its connection breaks (contract-2x §1).
 */
export const REPEAT_WINDOW = 30;

/** The class of an error that takes no arguments. */
type Refusal = new () => Error;

/** The requirements of a transaction on a proof. */
interface Transactional {
  /** The isolation of the transaction. Default: REPEATABLE READ. */
  readonly isolation?: Isolation;
  /**
   * How the store holds the secret. A secret that need not be sent again is hashed, so that a leaked table redeems
   * nothing.
   */
  readonly storedAs: 'clear text' | 'SHA-256';
}

/** The requester that a request counts for. */
export interface Requester {
  readonly account: number;
  /** The address or number that the secret is sent to. All spellings of one address must give the same text. */
  readonly target: string;
}

/** How the secrets of a purpose are generated and sent. */
export interface Issuing<C extends Channel = Channel> extends Transactional {
  readonly channel: C;
  /** Generates a secret. It may equal one that was sent recently. */
  readonly draw: () => string | Promise<string>;
  /** The lifetime of the secret in seconds, or a function that reads it from the settings. */
  readonly lifetime: number | ((settings: Settings) => number);
  /**
   * The limits on sending secrets, for one account and for one address or number. A request counts if the message is
   * delivered.
   */
  readonly limits?: { readonly [Whom in keyof Requester]?: LimitName };
  /** A refusal that also counts against the limits, because it tells the caller something about other accounts. */
  readonly countedRefusal?: new () => AppError;
  /** The error for the caller if the message is not delivered. */
  readonly notDelivered: Refusal;
}

/** How the secrets of a purpose are redeemed. */
export interface Redeeming extends Transactional {
  /**
   * The number of tries for one secret. A wrong guess uses up a try, and the last one ends the secret. If the secret has
   * expired, the first right guess ends it. With `Infinity`, no guess ends the secret: the secret must be too long to guess, or `failures` must limit wrong guesses.
   */
  readonly tries: number;
  /** The limit on wrong and expired secrets, counted across all secrets that were sent. */
  readonly failures?: LimitName;
  /** The errors for the caller: no proof is pending, the secret is wrong, or the secret is right but expired. */
  readonly refusals: { readonly missing: Refusal; readonly wrong: Refusal; readonly expired: Refusal };
}

/** A kind of proof. A secret is sent to an address, and a caller who returns it proves access to that address. */
export interface Purpose<C extends Channel = Channel> extends Issuing<C>, Redeeming {}

/** A secret that was generated. */
export interface IssuedSecret {
  /** The secret as it is sent. */
  readonly secret: string;
  /** The secret as it is stored. */
  readonly stored: string;
  readonly expires: Date;
}

/** A proof that waits for its secret. */
export interface PendingProof {
  /** The secret as it is stored. */
  readonly stored: string;
  readonly isExpired: (now: Date) => boolean;
}

/**
 * The store of the pending proofs of a purpose: a repository of their table. Its methods run in the transaction of
 * their caller.
 */
export interface ProofStore<Key, Pending extends PendingProof> {
  /** Finds the pending proof and locks it until the transaction ends. Returns null if there is none. */
  find(manager: EntityManager, key: Key): Promise<Pending | null>;
  /** Ends the secret, so that it is not found again. */
  end(manager: EntityManager, pending: Pending): Promise<void>;
  /**
   * Counts a wrong guess. A store without this method cannot count, and its secrets end with the first wrong guess.
   *
   * @returns the number of wrong guesses for this secret.
   */
  countFailure?(manager: EntityManager, pending: Pending): Promise<number>;
}
