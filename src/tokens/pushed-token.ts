import type { TokenOrigin } from '../database/entities/token.entity.js';
import type { PushTarget } from '../push/push-sender.js';

/** A token whose push is in progress. It can be used as soon as it is sent, before it is stored. */
export interface PushedToken {
  readonly device: PushTarget;
  /** Null for a token of `POST /tokens`. */
  readonly origin: Extract<TokenOrigin, 'push'> | null;
  /** Null if the age of the token decides. */
  readonly expires: Date | null;
}

/** The subject of the claim on a token while its push is in progress. */
export function subjectOf(token: string): string {
  return `token ${token}`;
}

/** The subject of the claim on a device: pushes to one device run one after the other. */
export function subjectOfDevice({ pnProvider, pnParam, pnPrid }: PushTarget): string {
  return `push to ${pnProvider} ${pnParam} ${pnPrid}`;
}
