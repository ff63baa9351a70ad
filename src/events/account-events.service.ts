import { Injectable, Logger } from '@nestjs/common';
import { formatSip } from '../common/sip/sip-address.js';
import { afterCommit } from '../database/transactions.js';
import { type Actor, currentActor, currentRequest, type AuthMethod } from '../common/request-context.js';
import { countFromZero, Metrics } from '../metrics/metrics.service.js';

/** All events of accounts, in the terms of docs/insight.md. */
export const ACCOUNT_EVENTS = [
  'account.created',
  'account.activated',
  'account.deactivated',
  'account.blocked',
  'account.unblocked',
  'account.renamed',
  'account.changed',
  'account.deleted',
  'password.changed',
  'email.requested',
  'email.changed',
  'phone.requested',
  'phone.changed',
  'api_key.generated',
  'api_key.revoked',
  'administrator.granted',
  'administrator.revoked',
  'device.removed',
  'login.refused',
] as const;

export type AccountEvent = (typeof ACCOUNT_EVENTS)[number];

/** The account that an event is about. An event of an unknown account has none. */
type Subject = Required<Actor>['account'];

interface Details {
  /** The auth method, if it is not the credentials of an account. */
  readonly method?: AuthMethod;
  /** The former SIP address of a renamed account. */
  readonly former?: string;
  /** The uuid of the removed device. */
  readonly device?: string;
  /** Why an attempt was refused. */
  readonly reason?: string;
}

/**
 * Writes a log line for each change of an account: what happened, to which account, and who did it. The actor comes
 * from the request context (`actAs`, `runAs`), so a service reports only what it does.
 */
@Injectable()
export class AccountEvents {
  private readonly logger = new Logger('event');

  constructor(private readonly metrics: Metrics) {
    countFromZero(metrics.events, 'event', ACCOUNT_EVENTS);
  }

  /**
   * Reports an event. Inside a transaction, the line is written after the commit, and never if the transaction fails.
   */
  report(event: AccountEvent, subject: Subject | null, { method, ...details }: Details = {}): void {
    const line = {
      event,
      ...details,
      about: subject ? describe(subject) : undefined,
      by: by(method ? { method } : currentActor()),
    };
    afterCommit(() => {
      this.logger.log(line);
      this.metrics.events.inc({ event });
    });
  }
}

function by({ account, method }: Actor) {
  return { ...(account && describe(account)), means: method, ip: currentRequest()?.source };
}

/** Lists the fields one by one, since an account holds secrets. */
function describe(account: Subject): { id: number; sip: string } {
  return { id: account.id, sip: formatSip(account) };
}
