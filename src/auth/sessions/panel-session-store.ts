import { createHash } from 'node:crypto';
import { callbackify } from 'node:util';
import type { SessionStore } from '@fastify/session';
import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import type { Session } from 'fastify';
import { LessThan, MoreThan, type Repository } from 'typeorm';
import { Clock } from '../../common/clock.js';
import { Settings } from '../../config/settings.js';
import { Transactions } from '../../database/transactions.js';
import { PanelSession } from '../../database/entities/panel-session.entity.js';

declare module 'fastify' {
  interface Session {
    /** Who is signed in; absent in the session of somebody who is not, which is kept nowhere. */
    accountId?: number;
    /** See {@link PanelSession.stamp}. */
    stamp?: string;
    /** Why the session could not be read. The plugin reads it before a page can show the error, so that the first use of the session throws it. */
    failure?: unknown;
  }
}

type Callback = (error?: unknown) => void;
type FoundCallback = (error: unknown, session?: Session | null) => void;

/** Keeps the sessions of the panel in the database, so that every process of the service knows them. */
@Injectable()
export class PanelSessionStore implements SessionStore {
  constructor(
    @InjectRepository(PanelSession) private readonly repository: Repository<PanelSession>,
    private readonly transactions: Transactions,
    private readonly settings: Settings,
    private readonly clock: Clock,
  ) {}

  set(sessionId: string, session: Session, callback: Callback): void {
    callbackify(() => this.insert(sessionId, session))(callback);
  }

  get(sessionId: string, callback: FoundCallback): void {
    callbackify(() => this.find(sessionId).catch((failure: unknown) => ({ failure }) as Session))(callback);
  }

  destroy(sessionId: string, callback: Callback): void {
    callbackify(() => this.remove(sessionId))(callback);
  }

  private async insert(sessionId: string, { accountId, stamp }: Session): Promise<void> {
    if (accountId === undefined || stamp === undefined) return;
    const now = this.clock.now();
    const expires = this.clock.in(this.settings.panelSessionLifetime);
    await this.transactions.run(async (manager) => {
      await manager.delete(PanelSession, { expires: LessThan(now) });
      await manager.insert(PanelSession, { accountId, hash: hash(sessionId), stamp, expires });
    });
  }

  private async remove(sessionId: string): Promise<void> {
    await this.transactions.run((manager) => manager.delete(PanelSession, { hash: hash(sessionId) }));
  }

  private async find(sessionId: string): Promise<Session | null> {
    const found = await this.repository.findOneBy({ hash: hash(sessionId), expires: MoreThan(this.clock.now()) });
    // The rest of a session is about its cookie, which is sent once, when it is opened.
    return found && ({ accountId: found.accountId, stamp: found.stamp } as Session);
  }
}

function hash(sessionId: string): string {
  return createHash('sha256').update(sessionId).digest('hex');
}
