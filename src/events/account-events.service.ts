import { Injectable, Logger } from '@nestjs/common';
import { formatSip } from '../common/sip/sip-address.js';
import { afterCommit } from '../database/transactions.js';
import { type Actor, currentActor, currentRequest, type Means } from '../common/request-context.js';
import { countFromZero, Metrics } from '../metrics/metrics.service.js';

/** What can happen to an account, in the words of docs/insight.md. */
export const ACCOUNT_EVENTS = [
  'account.created',
  'account.activated',
  'account.deactivated',
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

/** The account that something happens to; of one that is not known, nothing. */
type Subject = Required<Actor>['account'];

interface Details {
  /** What proves that this may be done, where that is no account's own credentials. */
  readonly means?: Means;
  /** The device that was removed, by its uuid. */
  readonly device?: string;
  /** Why an attempt was refused. */
  readonly reason?: string;
}

/**
 * Writes a line of the log for each change of an account: what, about whom, and by whom. Who acts is known from the context
 * (`actAs`, `runAs`): a service only says what it does.
 */
@Injectable()
export class AccountEvents {
  private readonly logger = new Logger('event');

  constructor(private readonly metrics: Metrics) {
    countFromZero(metrics.events, 'event', ACCOUNT_EVENTS);
  }

  /** Tells of a change. Within a transaction it is told once that is committed, and not at all if it is not. */
  report(event: AccountEvent, subject: Subject | null, { means, ...details }: Details = {}): void {
    const line = {
      event,
      ...details,
      about: subject ? describe(subject) : undefined,
      by: by(means ? { means } : currentActor()),
    };
    afterCommit(() => {
      this.logger.log(line);
      this.metrics.events.inc({ event });
    });
  }
}

function by({ account, means }: Actor) {
  return { ...(account && describe(account)), means, ip: currentRequest()?.source };
}

/** By hand: an account has secrets. */
function describe(account: Subject): { id: number; sip: string } {
  return { id: account.id, sip: formatSip(account) };
}
