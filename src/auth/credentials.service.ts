import { Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { AccountLookup } from '../directory/account-lookup.service.js';
import type { Login } from '../directory/account-rows.js';
import { AccountNotFound } from '../directory/account-not-found.js';
import type { Account } from '../database/entities/account.entity.js';
import { secretsEqual } from '../common/secrets.js';
import { formatSip, type SipAddress } from '../common/sip/sip-address.js';
import { LoginAttempts } from '../limits/login-attempts.service.js';
import { sourceKey } from '../limits/source-key.js';
import { isApiKey } from './api-key-form.js';
import { AuthenticationRequired, CredentialsInvalid, NonceInvalid } from './auth.errors.js';
import { type Caller, callerFor, type CallerMethod } from './caller.js';
import { DigestService } from './digest.service.js';
import { fromHeader } from './from-header.js';
import { RefusedAttempts } from './refused-attempts.service.js';

type Method = Exclude<CallerMethod, 'panel'>;

/** Authenticates API requests: the account that `From` names, by its API key or by Digest (protocol §2). */
@Injectable()
export class Credentials {
  constructor(
    private readonly accounts: AccountLookup,
    private readonly digest: DigestService,
    private readonly attempts: LoginAttempts,
    private readonly refusedAttempts: RefusedAttempts,
  ) {}

  /**
   * Finds the caller of a request.
   *
   * @throws AccountNotFound, AuthenticationRequired, CredentialsInvalid, NonceInvalid, NonceReplayed, TooManyAttempts;
   *   if other credentials may succeed, the request then has a challenge.
   */
  callerOf(request: FastifyRequest): Promise<Caller> {
    const method = methodOf(request);
    if (method === 'api-key' && request.headers.from === undefined) return this.attemptByKeyAlone(request);
    const address = fromHeader(request);
    // A request without credentials asks for a challenge. It is not a guess, so it is not counted as an attempt.
    return method ? this.attempt(address, method, request) : this.ask(address, request);
  }

  private async ask(address: SipAddress, request: FastifyRequest): Promise<never> {
    const account = await this.accounts.challengedBySip(address);
    if (account) this.digest.challenge(account, request);
    const error = account ? new AuthenticationRequired() : new AccountNotFound();
    this.refusedAttempts.note(error, { account: null }, request);
    throw error;
  }

  /** Without `From`, a key names its owner (contract-2x §1). */
  private attemptByKeyAlone(request: FastifyRequest): Promise<Caller> {
    const key = String(request.headers['x-api-key']);
    // Guesses name no account, so they are limited by their source address alone.
    return this.prove({ whom: `key ${key}`, method: 'api-key' }, request, async (found) => {
      const login = isApiKey(key) ? await this.accounts.findForLoginByKey(key) : null;
      if (!login) throw this.refuseKey(null, request);
      found(login.account);
      return login.account;
    });
  }

  private attempt(address: SipAddress, method: Method, request: FastifyRequest): Promise<Caller> {
    return this.prove({ whom: formatSip(address), method }, request, async (found) => {
      const login = await this.accounts.findForLogin(address);
      if (!login) throw new AccountNotFound();
      found(login.account);
      await this.checkCredentials(login, request);
      return login.account;
    });
  }

  /** @param work receives a function that it calls with the account that the request names, as soon as it is found. */
  private async prove(
    { whom, method }: { whom: string; method: Method },
    request: FastifyRequest,
    work: (found: (account: Account) => void) => Promise<Account>,
  ): Promise<Caller> {
    let account: Account | null = null;
    const prove = () => work((found) => (account = found));
    const who = { source: sourceKey(request), account: whom };
    try {
      const proven = await this.attempts.attempt(who, prove, (error) => isWrong(error, request));
      return callerFor(proven, method);
    } catch (error) {
      this.refusedAttempts.note(error, { account, method }, request);
      throw error;
    }
  }

  private async checkCredentials({ account, apiKey }: Login, request: FastifyRequest): Promise<void> {
    const key = request.headers['x-api-key'];
    // A key that is sent must be valid, even an empty one. A wrong key does not fall back to Digest.
    if (key === undefined) await this.digest.authenticate(account, request);
    else if (!isRightKey(String(key), apiKey)) throw this.refuseKey(account, request);
  }

  private refuseKey(account: Account | null, request: FastifyRequest): CredentialsInvalid {
    if (account) this.digest.challenge(account, request);
    else this.digest.challengeNobody(request);
    return new CredentialsInvalid('wrong_key');
  }
}

function isRightKey(sent: string, stored: string | null): boolean {
  return secretsEqual(stored ?? '', sent) && isApiKey(sent);
}

/** The authentication method of a request; undefined if it has no credentials. */
function methodOf({ headers }: FastifyRequest): Method | undefined {
  if (headers['x-api-key'] !== undefined) return 'api-key';
  return headers.authorization === undefined ? undefined : 'digest';
}

/**
 * Whether the credentials were wrong. A correct response to a stale nonce is not wrong, nor is an error without fault
 * of the caller.
 */
function isWrong(error: unknown, { challenge }: FastifyRequest): boolean {
  const isRefusal =
    error instanceof CredentialsInvalid || error instanceof NonceInvalid || error instanceof AccountNotFound;
  return isRefusal && challenge?.stale !== true;
}
