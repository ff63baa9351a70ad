import { createHmac } from 'node:crypto';
import { Injectable, Logger } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { AccountLookup } from '../../directory/account-lookup.service.js';
import type { Account } from '../../database/entities/account.entity.js';
import { deriveKey, secretsEqual } from '../../common/secrets.js';
import { Settings } from '../../config/settings.js';
import { SignInRequired } from '../auth.errors.js';
import { type Caller, callerFor } from '../caller.js';
import { SESSION_COOKIE } from './session-cookies.js';

/**
 * The sign-ins to the panel. A session starts with the right password. It ends when the user signs out, when it
 * expires, or when a password of the account changes.
 */
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

  /** Opens a session with a new, unpredictable id. The browser's previous session ends. */
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
      // Without this, the plugin would save again while it sends the answer, and nothing would report a failure.
      delete session.accountId;
      delete session.stamp;
      throw error;
    }
  }

  /**
   * Opens a new session after a change of the password, which ended all sessions of the account. The password is
   * already changed, so a failure here is only logged, and the user signs in again.
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
   * Returns the signed-in caller, with the current data of the account.
   *
   * @throws SignInRequired without a valid session.
   */
  async callerOf({ session: { accountId, stamp, failure } }: FastifyRequest): Promise<Caller> {
    if (failure !== undefined) throw failure;
    if (accountId === undefined || stamp === undefined) throw new SignInRequired();
    const account = await this.accounts.byId(accountId);
    if (!account || !secretsEqual(stamp, this.stampOf(account))) throw new SignInRequired();
    return callerFor(account, 'panel');
  }

  async close(request: FastifyRequest, reply: FastifyReply): Promise<void> {
    await request.session.destroy();
    void reply.clearCookie(SESSION_COOKIE, { path: `${this.settings.publicPath}/account` });
  }

  /** A stamp that changes with every password of the account. The passwords cannot be derived from it. */
  private stampOf({ id, passwords }: Pick<Account, 'id' | 'passwords'>): string {
    const stored = passwords.map(({ algorithm, password }) => `${algorithm} ${password}`);
    return createHmac('sha256', this.key)
      .update([id, ...stored].join('\n'))
      .digest('hex');
  }
}
