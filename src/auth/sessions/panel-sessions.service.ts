import { createHmac } from 'node:crypto';
import { Injectable, Logger } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { AccountLookup } from '../../directory/account-lookup.service.js';
import type { Account } from '../../database/entities/account.entity.js';
import { actAs } from '../../common/request-context.js';
import { deriveKey, secretsEqual } from '../../common/secrets.js';
import { Settings } from '../../config/settings.js';
import { SignInRequired } from '../auth.errors.js';
import { type Caller, callerFor } from '../caller.js';
import { SESSION_COOKIE } from './session-cookies.js';

/** Who is signed in to the panel: from a right password until signing out, the end of its time, or another password. */
@Injectable()
export class PanelSessions {
  private readonly logger = new Logger(PanelSessions.name);
  private readonly key: Buffer;

  constructor(
    private readonly accounts: AccountLookup,
    private readonly settings: Settings,
  ) {
    this.key = deriveKey(settings.appKey, 'panel session stamp');
  }

  /** Opens a session under a new id, which nobody can have foreseen, and ends the one that this browser had. */
  async open(request: FastifyRequest, account: Pick<Account, 'id' | 'passwords'>): Promise<void> {
    await request.session.regenerate();
    const { session } = request;
    session.accountId = account.id;
    session.stamp = this.stampOf(account);
    session.options({
      path: `${this.settings.publicPath}/account`,
      secure: this.settings.publicUrl.startsWith('https:'),
    });
    try {
      await session.save();
    } catch (error) {
      // Else the plugin would try again while it sends the answer, where nobody can tell that it failed.
      delete session.accountId;
      delete session.stamp;
      throw error;
    }
  }

  /**
   * Opens a session anew after the password of its account has changed, which ended all of them. The password is changed
   * already: where this fails, its owner signs in again himself.
   */
  async renew(request: FastifyRequest, accountId: number): Promise<void> {
    try {
      const account = await this.accounts.findForSignInById(accountId);
      if (account) await this.open(request, account);
    } catch (error) {
      this.logger.warn(`A session could not be opened again after a change of password: ${(error as Error).message}`);
    }
  }

  /**
   * The caller who is signed in, with his account as it is now.
   *
   * @throws SignInRequired if nobody is signed in.
   */
  async callerOf({ session: { accountId, stamp, failure } }: FastifyRequest): Promise<Caller> {
    if (failure !== undefined) throw failure;
    if (accountId === undefined || stamp === undefined) throw new SignInRequired();
    const account = await this.accounts.byId(accountId);
    if (!account || !secretsEqual(stamp, this.stampOf(account))) throw new SignInRequired();
    actAs({ account, method: 'panel' });
    return callerFor(account, 'panel');
  }

  async close(request: FastifyRequest, reply: FastifyReply): Promise<void> {
    await request.session.destroy();
    void reply.clearCookie(SESSION_COOKIE, { path: `${this.settings.publicPath}/account` });
  }

  /** Changes with every password of the account. The passwords cannot be derived from it. */
  private stampOf({ id, passwords }: Pick<Account, 'id' | 'passwords'>): string {
    const stored = passwords.map(({ algorithm, password }) => `${algorithm} ${password}`);
    return createHmac('sha256', this.key)
      .update([id, ...stored].join('\n'))
      .digest('hex');
  }
}
