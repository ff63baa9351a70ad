import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { type EntityManager, In, LessThan, MoreThan, type Repository } from 'typeorm';
import { PanelSession } from '../../database/entities/panel-session.entity.js';
import { Transactions } from '../../database/transactions.js';

/** The statements on `panel_sessions`. A write without a manager runs in its own transaction. */
@Injectable()
export class PanelSessionsRepository {
  constructor(
    @InjectRepository(PanelSession) private readonly repository: Repository<PanelSession>,
    private readonly transactions: Transactions,
  ) {}

  /** Finds a session that expires after the given moment. */
  findValid(hash: string, now: Date): Promise<PanelSession | null> {
    return this.repository.findOneBy({ hash, expires: MoreThan(now) });
  }

  async insert(session: Omit<PanelSession, 'id'>): Promise<void> {
    await this.transactions.run((manager) => manager.insert(PanelSession, session));
  }

  async remove(hash: string): Promise<void> {
    await this.transactions.run((manager) => manager.delete(PanelSession, { hash }));
  }

  /** Ends all sessions of an account, in the transaction of the caller. */
  async removeAll(manager: EntityManager, accountId: number): Promise<void> {
    await manager.delete(PanelSession, { accountId });
  }

  /**
   * Removes sessions that expired before the given moment.
   *
   * @param most the maximum number of sessions to remove.
   * @returns the number of removed sessions.
   */
  async removeExpired(before: Date, most: number): Promise<number> {
    // The sessions are read first, without locks, and then deleted by id. A DELETE that searches by date would lock the
    // index range where new sessions are inserted.
    const expired = await this.repository.find({
      select: { id: true },
      where: { expires: LessThan(before) },
      take: most,
    });
    if (expired.length === 0) return 0;
    const ids = expired.map(({ id }) => id);
    return this.transactions.run(
      async (manager) => (await manager.delete(PanelSession, { id: In(ids) })).affected ?? 0,
    );
  }
}
