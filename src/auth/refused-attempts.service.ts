import { Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { AccountNotFound } from '../directory/account-not-found.js';
import type { Account } from '../database/entities/account.entity.js';
import { AccountEvents } from '../events/account-events.service.js';
import { TooManyAttempts } from '../limits/limits.errors.js';
import type { AuthMethod } from '../common/request-context.js';
import { countFromZero, Metrics } from '../metrics/metrics.service.js';
import {
  AuthenticationRequired,
  CredentialsInvalid,
  NonceInvalid,
  NonceReplayed,
  SignInRefused,
  REFUSAL_REASONS,
  type RefusalReason,
} from './auth.errors.js';

/** An attempt to authenticate. */
interface Attempt {
  /** The account that was named, if there is one. What was named otherwise is not kept: people write passwords there. */
  readonly account: Pick<Account, 'id' | 'username' | 'domain'> | null;
  /** Absent where no credentials were sent. */
  readonly method?: AuthMethod;
}

/** Reports to operators which attempts are rejected and why. The caller does not learn the reason. */
@Injectable()
export class RefusedAttempts {
  constructor(
    private readonly events: AccountEvents,
    private readonly metrics: Metrics,
  ) {
    countFromZero(metrics.refusedAttempts, 'reason', REFUSAL_REASONS);
  }

  /**
   * Counts a failed attempt and reports it as an event. It reports no event for what every client does: a first request
   * without credentials, or a response to an expired nonce.
   */
  note(error: unknown, { account, method }: Attempt, { challenge }: Pick<FastifyRequest, 'challenge'> = {}): void {
    if (challenge) this.metrics.challenges.inc({ cause: causeOf(error, challenge.stale === true) });
    const reason = reasonOf(error);
    if (reason === null) return;
    this.metrics.refusedAttempts.inc({ reason });
    const isLate = error instanceof NonceInvalid && challenge?.stale === true;
    if (method && !isLate) this.events.report('login.refused', account, { method, reason });
  }
}

function causeOf(error: unknown, isStale: boolean): string {
  if (error instanceof AuthenticationRequired) return 'no_credentials';
  return isStale ? 'stale_nonce' : 'wrong_credentials';
}

function reasonOf(error: unknown): RefusalReason | null {
  if (error instanceof AccountNotFound) return 'unknown_account';
  if (error instanceof TooManyAttempts) return 'limit';
  if (error instanceof CredentialsInvalid || error instanceof SignInRefused) return error.reason;
  return error instanceof NonceInvalid || error instanceof NonceReplayed ? error.reason : null;
}
