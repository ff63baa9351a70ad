import { Injectable } from '@nestjs/common';
import { PassportStrategy } from '@nestjs/passport';
import type { FastifyRequest } from 'fastify';
import { Strategy } from 'passport-custom';
import { AccountLookup } from '../accounts/account-lookup.service.js';
import { AccountNotFound } from '../accounts/accounts.errors.js';
import type { Account } from '../accounts/entities/account.entity.js';
import { secretsEqual } from '../common/secrets.js';
import { CredentialsInvalid } from './auth.errors.js';
import { DigestService } from './digest.service.js';
import { fromHeader } from './from-header.js';

/** Finds out who calls: the account named by `From`, proven by its API key or by Digest (contract §2). */
@Injectable()
export class CredentialsStrategy extends PassportStrategy(Strategy, 'account-credentials') {
  constructor(
    private readonly accounts: AccountLookup,
    private readonly digest: DigestService,
  ) {
    super();
  }

  async validate(request: FastifyRequest): Promise<Account> {
    const account = await this.accounts.bySip(fromHeader(request));
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
