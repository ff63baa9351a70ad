import { Injectable, Logger } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { randomAlphanumeric } from '../common/random.js';
import { answerAllowance } from '../common/time-allowance.js';
import { Settings } from '../config/settings.js';
import { isUnavailable } from '../database/dialect.js';
import { currentAllowance, DatabaseTimeout } from '../database/time-allowance.js';
import { type Isolation, rehearse, Transactions } from '../database/transactions.js';
import { type Claim, Claims } from './claims.service.js';

const HOLDER_LENGTH = 22;

/** Seconds at most for which a call waits for another one that has reserved the same; less where NEIGHBOUR_TIMEOUT is less. */
const PATIENCE = 3;

/** Milliseconds between two looks whether it is free. */
const POLL = 200;

/** What is reserved while a message is on its way. */
export interface Reservation extends Claim {
  /** Whether no other call may reserve the same meanwhile: it waits, and then looks at what came of this one. */
  readonly isExclusive: boolean;
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
  /** Called when the message was delivered, whether it can then be stored or not. */
  readonly onDelivery?: () => void;
  /**
   * Stores what the message is about, in a transaction. It is rehearsed before anything is sent: what it refuses, or cannot write, is not sent.
   *
   * @param held for each reservation, whether it still stood.
   */
  readonly store: (manager: EntityManager, held: readonly boolean[]) => Promise<T>;
  /** What the caller gets where the message was not delivered, came too late to be stored, or was not sent since another call did not end. */
  readonly notDelivered: () => Error;
}

/** Another call has reserved the same. */
class ReservedByAnother extends Error {
  constructor(readonly subject: string) {
    super(`${subject} is reserved`);
  }
}

/**
 * Delivers a message, then stores what depends on it. A first transaction reserves, and rehearses the write; the message is sent outside of
 * any transaction; a second transaction stores, and releases the reservation. Nothing is stored before the delivery, so that there is nothing
 * to undo: a process may die at any moment, and a database may go away. What remains is a reservation, which ends by itself.
 */
@Injectable()
export class Deliveries {
  private readonly logger = new Logger(Deliveries.name);

  constructor(
    private readonly transactions: Transactions,
    private readonly claims: Claims,
    private readonly settings: Settings,
  ) {}

  /**
   * @returns what `store` returns.
   * @throws what `check`, `store` or `notDelivered` says; DatabaseTimeout before anything is sent, if there would be no time to store it.
   */
  async deliver<T>(delivery: Delivery<T>): Promise<T> {
    const holder = randomAlphanumeric(HOLDER_LENGTH);
    const milliseconds = await this.reserve(delivery, holder);
    try {
      // Storing takes about as long as its rehearsal has.
      if (currentAllowance(this.settings.databaseTimeout).left < milliseconds) throw new DatabaseTimeout();
      if (!(await delivery.send())) throw delivery.notDelivered();
      delivery.onDelivery?.();
      return await this.transactions.run((manager) => this.store(manager, delivery, holder), delivery.isolation);
    } catch (error) {
      await this.release(delivery, holder);
      throw error;
    }
  }

  /** @returns how long the transaction took, in milliseconds. */
  private async reserve<T>(delivery: Delivery<T>, holder: string): Promise<number> {
    const { outboundTimeout } = this.settings;
    const end = performance.now() + Math.min(PATIENCE, outboundTimeout) * 1000;
    for (;;) {
      const begin = performance.now();
      const other = await this.tryToReserve(delivery, holder);
      if (!other) return performance.now() - begin;
      if (!(await this.isFreeBy(end, other))) throw delivery.notDelivered();
    }
  }

  /** @returns who has reserved the same, or null. */
  private async tryToReserve<T>(delivery: Delivery<T>, holder: string): Promise<ReservedByAnother | null> {
    try {
      await this.transactions.run((manager) => this.reserveAll(manager, delivery, holder), delivery.isolation);
      return null;
    } catch (error) {
      if (error instanceof ReservedByAnother) return error;
      // A COMMIT whose answer was lost may have reserved. On SQLite no answer is lost.
      const mayHold = this.transactions.dialect === 'mysql' && error instanceof Error && isUnavailable(error);
      if (mayHold) await this.release(delivery, holder);
      throw error;
    }
  }

  private async reserveAll<T>(
    manager: EntityManager,
    { reservations, check, store }: Delivery<T>,
    holder: string,
  ): Promise<void> {
    for (const reservation of reservations) {
      const isTaken = !(await this.claims.take(manager, reservation, holder));
      if (isTaken && reservation.isExclusive) throw new ReservedByAnother(reservation.subject);
    }
    await check?.(manager);
    const held = reservations.map(() => true);
    await rehearse(manager, (savepoint) => store(savepoint, held));
  }

  /** Waits until nobody has reserved it. The wait is part of the time within which the request is answered. */
  private async isFreeBy(end: number, { subject }: ReservedByAnother): Promise<boolean> {
    while (performance.now() < end) {
      const allowance = answerAllowance();
      allowance?.begin();
      await new Promise((resolve) => setTimeout(resolve, POLL));
      allowance?.end();
      if (await this.claims.isFree(subject)) return true;
    }
    return false;
  }

  private async store<T>(
    manager: EntityManager,
    { reservations, store, notDelivered }: Delivery<T>,
    holder: string,
  ): Promise<T> {
    const held: boolean[] = [];
    for (const reservation of reservations) {
      const isHeld = await this.claims.release(manager, reservation, holder);
      // This process was paused for so long that another call may have taken it.
      if (!isHeld && reservation.isExclusive) throw notDelivered();
      held.push(isHeld);
    }
    return store(manager, held);
  }

  /** A failure is logged: the caller learns why nothing was stored. */
  private async release<T>({ reservations }: Delivery<T>, holder: string): Promise<void> {
    if (reservations.length === 0) return;
    try {
      await this.transactions.run(async (manager) => {
        for (const reservation of reservations) await this.claims.release(manager, reservation, holder);
      });
    } catch (error) {
      this.logger.warn(
        `What is reserved for a delivery stays so for ${this.claims.lifetime} s at most: ${(error as Error).message}`,
      );
    }
  }
}
