import { Injectable } from '@nestjs/common';
import { PassportStrategy } from '@nestjs/passport';
import type { FastifyRequest } from 'fastify';
import { Strategy } from 'passport-custom';
import { AccountLookup } from '../accounts/account-lookup.service.js';
import { AccountNotFound } from '../accounts/accounts.errors.js';
import type { Account } from '../accounts/entities/account.entity.js';
import { secretsEqual } from '../common/secrets.js';
import { formatSip, type SipAddress } from '../common/sip/sip-address.js';
import { LoginAttempts } from '../limits/login-attempts.service.js';
import { sourceKey } from '../limits/source-key.js';
import { actAs } from '../logging/request-context.js';
import { CredentialsInvalid, NonceInvalid } from './auth.errors.js';
import { DigestService } from './digest.service.js';
import { fromHeader } from './from-header.js';
import { RefusedAttempts } from './refused-attempts.service.js';

/** Finds out who calls: the account named by `From`, proven by its API key or by Digest (contract §2). */
@Injectable()
export class CredentialsStrategy extends PassportStrategy(Strategy, 'account-credentials') {
  constructor(
    private readonly accounts: AccountLookup,
    private readonly digest: DigestService,
    private readonly attempts: LoginAttempts,
    private readonly refusedAttempts: RefusedAttempts,
  ) {
    super();
  }

  async validate(request: FastifyRequest): Promise<Account> {
    const address = fromHeader(request);
    const means = meansOf(request);
    let account: Account | null = null;
    const prove = async () => {
      account = await this.accounts.bySip(address);
      return this.prove(account, request);
    };
    try {
      const proven = await this.attempt(address, request, prove);
      actAs({ account: proven, means: means ?? 'digest' });
      return proven;
    } catch (error) {
      this.refusedAttempts.note(error, { account, means }, request);
      throw error;
    }
  }

  private attempt(address: SipAddress, request: FastifyRequest, prove: () => Promise<Account>): Promise<Account> {
    // Without credentials there is nothing to guess: what is asked for is a challenge.
    if (!meansOf(request)) return prove();
    return this.attempts.attempt({ source: sourceKey(request), account: formatSip(address) }, prove, (error) => isWrong(error, request));
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
    const isRight = secretsEqual(account.apiKey?.key ?? '', key) && key !== '';
    if (isRight) return;
    this.digest.challenge(account, request);
    throw new CredentialsInvalid('wrong_key');
  }
}

/** How the caller would prove who he is, if he tries to. */
function meansOf({ headers }: FastifyRequest): 'api-key' | 'digest' | undefined {
  if (headers['x-api-key'] !== undefined) return 'api-key';
  return headers.authorization === undefined ? undefined : 'digest';
}

/** Whether credentials were wrong; a right answer to a stale nonce is none, nor is what is not the caller's doing. */
function isWrong(error: unknown, { challenge }: FastifyRequest): boolean {
  const isRefusal = error instanceof CredentialsInvalid || error instanceof NonceInvalid || error instanceof AccountNotFound;
  return isRefusal && challenge?.stale !== true;
}
