import { Injectable, Logger } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { randomAlphanumeric } from '../common/random.js';
import { type Isolation, rehearse, Transactions } from '../database/transactions.js';
import { type Claim, Claims } from './claims.service.js';

const HOLDER_LENGTH = 22;

/** What is reserved while a message is on its way. */
export interface Reservation extends Claim {
  /** What a call gets that finds it reserved by another. Absent where that cannot be, or does not matter. */
  readonly refusal?: () => Error;
}

/** A message, and what is stored once it has been delivered. */
export interface Delivery<T> {
  /** Taken in this order, which must be the same for all deliveries that meet in some of them; may be empty. */
  readonly reservations: readonly Reservation[];
  /** What the transactions of `check` and `store` must be like. */
  readonly isolation?: Isolation;
  /** Refuses by throwing, before anything is sent, what `store` does not look at. Runs in the transaction that reserves, after that. */
  readonly check?: (manager: EntityManager) => Promise<void>;
  /** @returns whether the message was delivered. */
  readonly send: () => Promise<boolean>;
  /** Told of a message that was delivered, whether it can then be stored or not. */
  readonly onDelivery?: () => void;
  /**
   * Stores what the message is about, in a transaction. It is rehearsed before anything is sent: what it refuses, or cannot write, is not sent.
   *
   * @param held for each reservation, whether it still stood.
   */
  readonly store: (manager: EntityManager, held: readonly boolean[]) => Promise<T>;
  /** What the caller gets where the message was not delivered, or came too late to be stored. */
  readonly notDelivered: () => Error;
}

/**
 * Delivers messages that something depends on: it is reserved, and storing it is rehearsed; the message is sent outside of any transaction;
 * what the message is about is stored in one transaction that releases the reservation. Nothing is stored before, so that nothing has to be taken back: a
 * process may die at any moment, and a database may go away. What remains is a reservation, which ends by itself.
 */
@Injectable()
export class Deliveries {
  private readonly logger = new Logger(Deliveries.name);

  constructor(
    private readonly transactions: Transactions,
    private readonly claims: Claims,
  ) {}

  /**
   * @returns what `store` returns.
   * @throws what `check`, `store`, a refusal or `notDelivered` says.
   */
  async deliver<T>(delivery: Delivery<T>): Promise<T> {
    const holder = randomAlphanumeric(HOLDER_LENGTH);
    await this.transactions.run((manager) => this.reserve(manager, delivery, holder), delivery.isolation);
    try {
      if (!(await delivery.send())) throw delivery.notDelivered();
      delivery.onDelivery?.();
      return await this.transactions.run((manager) => this.store(manager, delivery, holder), delivery.isolation);
    } catch (error) {
      await this.release(delivery, holder);
      throw error;
    }
  }

  private async reserve<T>(manager: EntityManager, { reservations, check, store }: Delivery<T>, holder: string): Promise<void> {
    for (const reservation of reservations) {
      const isTaken = !(await this.claims.take(manager, reservation, holder));
      if (isTaken && reservation.refusal) throw reservation.refusal();
    }
    await check?.(manager);
    const held = reservations.map(() => true);
    await rehearse(manager, (savepoint) => store(savepoint, held));
  }

  private async store<T>(manager: EntityManager, { reservations, store, notDelivered }: Delivery<T>, holder: string): Promise<T> {
    const held: boolean[] = [];
    for (const reservation of reservations) {
      const isHeld = await this.claims.release(manager, reservation, holder);
      // This process stood still for so long that another may have taken it.
      if (!isHeld && reservation.refusal) throw notDelivered();
      held.push(isHeld);
    }
    return store(manager, held);
  }

  /** The caller is told why nothing was stored, not that the reservation stays for a while. */
  private async release<T>({ reservations }: Delivery<T>, holder: string): Promise<void> {
    if (reservations.length === 0) return;
    try {
      await this.transactions.run(async (manager) => {
        for (const reservation of reservations) await this.claims.release(manager, reservation, holder);
      });
    } catch (error) {
      this.logger.warn(`What is reserved for a delivery stays so for ${this.claims.lifetime} s at most: ${(error as Error).message}`);
    }
  }
}
