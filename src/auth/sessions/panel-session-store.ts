import { createHash } from 'node:crypto';
import { callbackify } from 'node:util';
import type { SessionStore } from '@fastify/session';
import { Injectable } from '@nestjs/common';
import type { Session } from 'fastify';
import { Clock } from '../../common/clock.js';
import { Settings } from '../../config/settings.js';
import { PanelSessionsRepository } from './panel-sessions.repository.js';

declare module 'fastify' {
  interface Session {
    /** The account that is signed in. Absent before the sign-in; such a session is not stored. */
    accountId?: number;
    /** See `PanelSession.stamp`. */
    stamp?: string;
    /**
     * The error of reading the session. The plugin reads it too early for a page to show the error, so the first use of
     * the session throws it.
     */
    failure?: unknown;
  }
}

type Callback = (error?: unknown) => void;
type FoundCallback = (error: unknown, session?: Session | null) => void;

/** Stores the panel sessions in the database, so that all processes of the service share them. */
@Injectable()
export class PanelSessionStore implements SessionStore {
  constructor(
    private readonly sessions: PanelSessionsRepository,
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
    const expires = this.clock.in(this.settings.panelSessionLifetime);
    await this.sessions.insert({ accountId, hash: hash(sessionId), stamp, expires });
  }

  private async remove(sessionId: string): Promise<void> {
    await this.sessions.remove(hash(sessionId));
  }

  private async find(sessionId: string): Promise<Session | null> {
    const found = await this.sessions.findValid(hash(sessionId), this.clock.now());
    // The other members of a session concern its cookie, which is sent once, when the session is opened.
    return found && ({ accountId: found.accountId, stamp: found.stamp } as Session);
  }
}

function hash(sessionId: string): string {
  return createHash('sha256').update(sessionId).digest('hex');
}
