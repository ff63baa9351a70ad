import { Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { AccountLookup } from '../directory/account-lookup.service.js';
import { AccountNotFound } from '../directory/account-not-found.js';
import type { Account } from '../database/entities/account.entity.js';
import { secretsEqual } from '../common/secrets.js';
import { formatSip, type SipAddress } from '../common/sip/sip-address.js';
import { LoginAttempts } from '../limits/login-attempts.service.js';
import { sourceKey } from '../limits/source-key.js';
import { actAs } from '../common/request-context.js';
import { isApiKey } from './api-key-form.js';
import { AuthenticationRequired, CredentialsInvalid, NonceInvalid } from './auth.errors.js';
import { type Caller, callerFor } from './caller.js';
import { DigestService } from './digest.service.js';
import { fromHeader } from './from-header.js';
import { RefusedAttempts } from './refused-attempts.service.js';

type Method = 'api-key' | 'digest';

/** Finds out who calls: the account named by `From`, proven by its API key or by Digest (protocol §2). */
@Injectable()
export class Credentials {
  constructor(
    private readonly accounts: AccountLookup,
    private readonly digest: DigestService,
    private readonly attempts: LoginAttempts,
    private readonly refusedAttempts: RefusedAttempts,
  ) {}

  /**
   * The caller of a request.
   *
   * @throws AccountNotFound, AuthenticationRequired, CredentialsInvalid, NonceInvalid, NonceReplayed, TooManyAttempts; of
   *   those that ask for other credentials, the request then has a challenge.
   */
  callerOf(request: FastifyRequest): Promise<Caller> {
    const address = fromHeader(request);
    const method = methodOf(request);
    // Without credentials there is nothing to guess: what is asked for is a challenge.
    return method ? this.attempt(address, method, request) : this.ask(address, request);
  }

  private async ask(address: SipAddress, request: FastifyRequest): Promise<never> {
    const account = await this.accounts.challengedBySip(address);
    if (account) this.digest.challenge(account, request);
    const error = account ? new AuthenticationRequired() : new AccountNotFound();
    this.refusedAttempts.note(error, { account: null }, request);
    throw error;
  }

  private async attempt(address: SipAddress, method: Method, request: FastifyRequest): Promise<Caller> {
    let account: Account | null = null;
    const prove = async () => {
      account = await this.accounts.bySip(address);
      return this.prove(account, request);
    };
    const who = { source: sourceKey(request), account: formatSip(address) };
    try {
      const proven = await this.attempts.attempt(who, prove, (error) => isWrong(error, request));
      actAs({ account: proven, means: method });
      return callerFor(proven, method);
    } catch (error) {
      this.refusedAttempts.note(error, { account, means: method }, request);
      throw error;
    }
  }

  private async prove(account: Account | null, request: FastifyRequest): Promise<Account> {
    if (!account) throw new AccountNotFound();

    const key = request.headers['x-api-key'];
    // A key that is there must be right, even an empty one: there is no falling back to Digest.
    if (key === undefined) await this.digest.authenticate(account, request);
    else this.checkApiKey(account, String(key), request);
    return account;
  }

  private checkApiKey(account: Account, key: string, request: FastifyRequest): void {
    const isRight = secretsEqual(account.apiKey?.key ?? '', key) && isApiKey(key);
    if (isRight) return;
    this.digest.challenge(account, request);
    throw new CredentialsInvalid('wrong_key');
  }
}

/** How a caller tries to prove who he is; undefined for one who does not try. */
function methodOf({ headers }: FastifyRequest): Method | undefined {
  if (headers['x-api-key'] !== undefined) return 'api-key';
  return headers.authorization === undefined ? undefined : 'digest';
}

/** Whether credentials were wrong; a right answer to a stale nonce is none, nor is what is not the caller's doing. */
function isWrong(error: unknown, { challenge }: FastifyRequest): boolean {
  const isRefusal = error instanceof CredentialsInvalid || error instanceof NonceInvalid || error instanceof AccountNotFound;
  return isRefusal && challenge?.stale !== true;
}
