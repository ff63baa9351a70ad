import { Injectable, Logger } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { answerAllowance } from '../common/time-allowance.js';
import { Settings } from '../config/settings.js';
import { isUnavailable } from '../database/dialect.js';
import { randomHolder } from '../database/leases.js';
import { currentAllowance, DatabaseTimeout } from '../database/time-allowance.js';
import { type Isolation, rehearse, Transactions } from '../database/transactions.js';
import { type Claim, Claims } from './claims.service.js';

/**
 * The maximum time in seconds that a call waits for another call that has reserved the same subject. NEIGHBOUR_TIMEOUT
 * applies instead if it is shorter.
 */
const LONGEST_WAIT = 3;

/** The interval between two checks whether the subject is free, in milliseconds. */
const POLL = 200;

/** A subject that is reserved while a message is being sent. */
export interface Reservation extends Claim {
  /** Whether the subject is reserved for one call at a time. Other calls wait, and then see the result of this one. */
  readonly isExclusive: boolean;
}

/** A message, and the change that is stored after its delivery. */
export interface Delivery<T> {
  /**
   * The reservations in the order in which they are taken. May be empty. Deliveries that share subjects must use the
   * same order.
   */
  readonly reservations: readonly Reservation[];
  /** The isolation of the transactions of `check` and `store`. */
  readonly isolation?: Isolation;
  /**
   * Throws to refuse the delivery before the message is sent, for reasons that `store` does not check. Runs in the
   * reserving transaction, after the reservations are taken.
   */
  readonly check?: (manager: EntityManager) => Promise<void>;
  /** @returns whether the message was delivered. */
  readonly send: () => Promise<boolean>;
  /** Called after the message is delivered, even if the change cannot be stored then. */
  readonly onDelivery?: () => void;
  /**
   * Stores the change, in a transaction. It is rehearsed before the message is sent: if it throws, or cannot write,
   * nothing is sent.
   *
   * @param held for each reservation, whether it was still valid.
   */
  readonly store: (manager: EntityManager, held: readonly boolean[]) => Promise<T>;
  /**
   * The error for the caller if the message was not delivered, if it was delivered too late to store the change, or if
   * it was not sent because another call did not end in time.
   */
  readonly notDelivered: () => Error;
}

/** Another call has reserved the same subject. */
class ReservedByAnother extends Error {
  constructor(readonly subject: string) {
    super(`${subject} is reserved`);
  }
}

/**
 * Delivers a message, then stores the change that depends on it. A first transaction takes the reservations and
 * rehearses the write. The message is sent outside any transaction. A second transaction stores the change and releases
 * the reservations. Nothing is stored before the delivery, so there is nothing to undo if the process dies or the
 * database fails at any moment. Only a reservation may remain, and it expires.
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
   * @returns the result of `store`.
   * @throws the errors of `check`, `store` and `notDelivered`; DatabaseTimeout, before the message is sent, if the time
   * left is too short to store the change.
   */
  async deliver<T>(delivery: Delivery<T>): Promise<T> {
    const holder = randomHolder();
    const milliseconds = await this.reserve(delivery, holder);
    try {
      // Storing takes about as long as its rehearsal.
      if (currentAllowance(this.settings.databaseTimeout).left < milliseconds) throw new DatabaseTimeout();
      if (!(await delivery.send())) throw delivery.notDelivered();
      delivery.onDelivery?.();
      return await this.transactions.run((manager) => this.store(manager, delivery, holder), delivery.isolation);
    } catch (error) {
      await this.release(delivery, holder);
      throw error;
    }
  }

  /** @returns the duration of the reserving transaction, in milliseconds. */
  private async reserve<T>(delivery: Delivery<T>, holder: string): Promise<number> {
    const { outboundTimeout } = this.settings;
    const end = performance.now() + Math.min(LONGEST_WAIT, outboundTimeout) * 1000;
    for (;;) {
      const begin = performance.now();
      const other = await this.tryToReserve(delivery, holder);
      if (!other) return performance.now() - begin;
      if (!(await this.isFreeBy(end, other))) throw delivery.notDelivered();
    }
  }

  /** @returns the conflict if another call has reserved one of the subjects, or null. */
  private async tryToReserve<T>(delivery: Delivery<T>, holder: string): Promise<ReservedByAnother | null> {
    try {
      await this.transactions.run((manager) => this.reserveAll(manager, delivery, holder), delivery.isolation);
      return null;
    } catch (error) {
      if (error instanceof ReservedByAnother) return error;
      // If the answer to a COMMIT is lost, the reservations may be stored. On SQLite no answer can be lost.
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

  /** Waits until the subject is free. The wait counts as part of the time in which the request must be answered. */
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
      // This process was paused for so long that its reservation expired and another call may have taken it.
      if (!isHeld && reservation.isExclusive) throw notDelivered();
      held.push(isHeld);
    }
    return store(manager, held);
  }

  /** A failure is only logged, because the caller gets the error that prevented the change. */
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
