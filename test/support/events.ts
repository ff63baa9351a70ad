import type { Api } from './api.js';
import type { GivenAccount } from './factories.js';

/** A log line about an event of an account. */
export interface LoggedEvent {
  readonly event: string;
  readonly msg: string;
  readonly requestId?: string;
  readonly accountId?: number;
  readonly about?: { id: number; sip: string };
  readonly by: { id?: number; sip?: string; means: string; ip?: string };
  readonly device?: string;
  readonly reason?: string;
}

/** The events among the log lines, oldest first. */
export function eventsIn(lines: readonly string[]): LoggedEvent[] {
  return lines.map((line) => JSON.parse(line) as LoggedEvent).filter(({ event }) => event !== undefined);
}

/** The events that were reported while work ran. */
export async function eventsOf(api: Api, work: () => Promise<unknown>): Promise<LoggedEvent[]> {
  const before = api.log.length;
  await work();
  return eventsIn(api.log.slice(before));
}

/** The form in which events name an account. */
export const named = ({ id, sip }: Pick<GivenAccount, 'id' | 'sip'>) => ({ id, sip });
