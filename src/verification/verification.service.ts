import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Clock } from '../common/clock.js';
import { secretsEqual } from '../common/secrets.js';
import type { LimitName } from '../config/groups/limits.js';
import { Settings } from '../config/settings.js';
import { type Isolation, Transactions } from '../database/transactions.js';
import { Deliveries, type Reservation } from '../deliveries/deliveries.service.js';
import { Limits, type Use } from '../limits/limits.service.js';
import { type Channel, type Message, MessageSender } from './message-sender.service.js';
import type { IssuedSecret, Issuing, PendingProof, ProofStore, Redeeming, Requester } from './purpose.js';

/** A request to issue a secret for a purpose. */
export interface SecretRequest<C extends Channel, Kept> {
  /** The requester that the request counts for. Required if the purpose has limits. */
  readonly countsFor?: Partial<Requester>;
  /** The reservations to hold while the message is being sent; see `Delivery`. */
  readonly reservations?: (secret: string) => readonly Reservation[];
  /** The isolation of the transactions, if it differs from that of the purpose. */
  readonly isolation?: Isolation;
  /** Throws to refuse the request before the message is sent. */
  readonly check?: (manager: EntityManager) => Promise<void>;
  readonly message: (secret: IssuedSecret) => Message<C>;
  /**
   * Stores the secret in a transaction, after the message is delivered. It is rehearsed first: if it throws, nothing is
   * sent.
   *
   * @param held for each reservation, whether it was still valid.
   */
  readonly keep: (manager: EntityManager, secret: IssuedSecret, held: readonly boolean[]) => Promise<Kept>;
}

/** An attempt to redeem a secret. */
export interface Redemption<Key, Pending extends PendingProof, Result> {
  /** The account or address that a failure counts for, if the purpose has a limit on failures. */
  readonly countsFor: string | number;
  /** Returns the key by which the store finds the pending proof. Its errors count like any other refusal. */
  readonly key: () => Key | Promise<Key>;
  /** The secret that the caller sent. */
  readonly guess: string;
  /** Makes the change that the secret proves, in the transaction that ended the secret. */
  readonly accept: (manager: EntityManager, pending: Pending) => Promise<Result>;
}

/**
 * The procedure that all kinds of proof share. Issuing a secret: check the limits, generate, deliver, store. Redeeming
 * it: check the limits, find, compare, end, accept. A {@link Purpose}, a {@link ProofStore} and the actions of the
 * caller define what differs between the kinds.
 */
@Injectable()
export class Verification {
  constructor(
    private readonly limits: Limits,
    private readonly deliveries: Deliveries,
    private readonly messages: MessageSender,
    private readonly transactions: Transactions,
    private readonly settings: Settings,
    private readonly clock: Clock,
  ) {}

  /**
   * Generates a secret, sends it, and stores it after the delivery. A message that fails changes nothing. A delivered
   * message counts against the limits, even if the database fails afterwards.
   *
   * @returns the result of `keep`.
   * @throws TooManyAttempts, the errors of `check` and `keep`, and `notDelivered` of the purpose.
   */
  async issueSecret<C extends Channel, Kept>(purpose: Issuing<C>, request: SecretRequest<C, Kept>): Promise<Kept> {
    const { countedRefusal } = purpose;
    let isDelivered = false;
    return this.limits.runCounted(
      usesOf(purpose, request.countsFor),
      () => this.deliverSecret(purpose, request, () => (isDelivered = true)),
      (error) => isDelivered || (countedRefusal !== undefined && error instanceof countedRefusal),
    );
  }

  /**
   * Ends a secret that is right and not expired, and calls `accept`, in one transaction. A wrong or expired secret uses
   * up a try.
   *
   * @returns the result of `accept`.
   * @throws TooManyAttempts, the `refusals` of the purpose, and the errors of `key` and `accept`; after those of `key`
   * and `accept` the secret is unchanged.
   */
  async redeemSecret<Key, Pending extends PendingProof, Result>(
    purpose: Redeeming,
    store: ProofStore<Key, Pending>,
    redemption: Redemption<Key, Pending, Result>,
  ): Promise<Result> {
    const { failures, refusals } = purpose;
    return this.limits.runCounted(
      failures === undefined ? [] : [[failures, redemption.countsFor]],
      () => this.redeem(purpose, store, redemption),
      (error) => error instanceof refusals.wrong || error instanceof refusals.expired,
    );
  }

  /** Whether a secret would be accepted. Changes nothing. */
  accepts(purpose: Redeeming, pending: PendingProof, guess: string): boolean {
    return this.refusalOf(purpose, pending, guess) === null;
  }

  private async deliverSecret<C extends Channel, Kept>(
    purpose: Issuing<C>,
    request: SecretRequest<C, Kept>,
    onDelivery: () => void,
  ): Promise<Kept> {
    const drawn = await this.drawSecret(purpose);
    return this.deliveries.deliver({
      // Without a reservation, several requests can be in flight at once. The last one that is delivered counts.
      reservations: request.reservations?.(drawn.secret) ?? [],
      isolation: request.isolation ?? purpose.isolation,
      check: request.check,
      send: () => this.messages.send(purpose.channel, request.message(drawn)),
      onDelivery,
      store: (manager, held) => request.keep(manager, drawn, held),
      notDelivered: () => new purpose.notDelivered(),
    });
  }

  private async drawSecret({ draw, lifetime, storedAs }: Issuing): Promise<IssuedSecret> {
    const seconds = typeof lifetime === 'number' ? lifetime : lifetime(this.settings);
    const secret = await draw();
    return { secret, stored: storedForm(storedAs, secret), expires: this.clock.in(seconds) };
  }

  private async redeem<Key, Pending extends PendingProof, Result>(
    purpose: Redeeming,
    store: ProofStore<Key, Pending>,
    { key, guess, accept }: Redemption<Key, Pending, Result>,
  ): Promise<Result> {
    const found = await key();
    const outcome = await this.transactions.run(async (manager) => {
      const pending = await store.find(manager, found);
      // Refusals are returned, not thrown: that a try is used up must be committed. Without a proof the transaction ends in
      // the same way, so that its cost does not tell whether a proof is pending.
      if (!pending) return { refusal: new purpose.refusals.missing() };
      const refusal = this.refusalOf(purpose, pending, guess);
      if (refusal) {
        if (await isLastTry(manager, purpose, store, pending, refusal)) await store.end(manager, pending);
        return { refusal };
      }
      await store.end(manager, pending);
      return { result: await accept(manager, pending) };
    }, purpose.isolation);
    if ('refusal' in outcome) throw outcome.refusal;
    return outcome.result;
  }

  private refusalOf(
    { storedAs, refusals }: Redeeming,
    { stored, isExpired }: PendingProof,
    guess: string,
  ): Error | null {
    if (!secretsEqual(stored, storedForm(storedAs, guess))) return new refusals.wrong();
    return isExpired(this.clock.now()) ? new refusals.expired() : null;
  }
}

/** The uses that a request counts as. */
function usesOf({ limits = {} }: Issuing, countsFor: Partial<Requester> = {}): Use[] {
  const { account, target } = limits;
  return [...useOf(account, countsFor.account), ...useOf(target, countsFor.target)];
}

function useOf(limit: LimitName | undefined, whom: string | number | undefined): Use[] {
  if (limit === undefined) return [];
  // Without this check, a member that the request forgets would disable the limit.
  if (whom === undefined) throw new TypeError(`nobody is named for the limit ${limit}`);
  return [[limit, whom]];
}

/**
 * Uses up a try. An expired secret has no further one.
 *
 * @returns whether it was the last one.
 */
async function isLastTry<Pending extends PendingProof>(
  manager: EntityManager,
  { tries, refusals }: Redeeming,
  store: ProofStore<never, Pending>,
  pending: Pending,
  refusal: Error,
): Promise<boolean> {
  if (tries === Infinity) return false;
  return (
    tries === 1 ||
    refusal instanceof refusals.expired ||
    !store.countFailure ||
    (await store.countFailure(manager, pending)) >= tries
  );
}

/** The form in which a secret is stored and compared. */
export function storedForm(storedAs: Issuing['storedAs'], secret: string): string {
  return storedAs === 'SHA-256' ? createHash('sha256').update(secret).digest('hex') : secret;
}
