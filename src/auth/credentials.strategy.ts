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
import { CredentialsInvalid, NonceInvalid } from './auth.errors.js';
import { DigestService } from './digest.service.js';
import { fromHeader } from './from-header.js';

/** Finds out who calls: the account named by `From`, proven by its API key or by Digest (contract §2). */
@Injectable()
export class CredentialsStrategy extends PassportStrategy(Strategy, 'account-credentials') {
  constructor(
    private readonly accounts: AccountLookup,
    private readonly digest: DigestService,
    private readonly attempts: LoginAttempts,
  ) {
    super();
  }

  async validate(request: FastifyRequest): Promise<Account> {
    const address = fromHeader(request);
    const prove = () => this.prove(address, request);
    // Without credentials there is nothing to guess: what is asked for is a challenge.
    if (!hasCredentials(request)) return prove();
    return this.attempts.attempt({ source: sourceKey(request), account: formatSip(address) }, prove, (error) => isWrong(error, request));
  }

  private async prove(address: SipAddress, request: FastifyRequest): Promise<Account> {
    const account = await this.accounts.bySip(address);
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
    throw new CredentialsInvalid();
  }
}

function hasCredentials({ headers }: FastifyRequest): boolean {
  return headers['x-api-key'] !== undefined || headers.authorization !== undefined;
}

/** Whether credentials were wrong; a right answer to a stale nonce is none, nor is what is not the caller's doing. */
function isWrong(error: unknown, { challenge }: FastifyRequest): boolean {
  const isRefusal = error instanceof CredentialsInvalid || error instanceof NonceInvalid || error instanceof AccountNotFound;
  return isRefusal && challenge?.stale !== true;
}
