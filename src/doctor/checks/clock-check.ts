import { dialectOf } from '../../database/dialect.js';
import { type Check, error, ok, type Verdict, warning } from '../finding.js';
import type { OpenDatabase } from '../open-database.js';

/**
 * Seconds of clock difference. From NOTICEABLE on, people notice it. From HARMFUL on, one machine rejects nonces of
 * another.
 */
const NOTICEABLE = 2;
const HARMFUL = 60;

/** Checks whether the local clock agrees with the clock of the database. */
export class ClockCheck implements Check {
  readonly name = 'clock';

  constructor(private readonly database: OpenDatabase) {}

  async run(): Promise<Verdict[]> {
    const database = await this.database.ifThere();
    if (!database || dialectOf(database) !== 'mysql') return [];
    const asked = Date.now();
    const [{ now }]: [{ now: string }] = await database.query('SELECT UTC_TIMESTAMP(3) AS now');
    const answered = Date.now();
    const ahead = (asked + answered) / 2 - Date.parse(`${now.replace(' ', 'T')}Z`);
    return [verdictOf(Math.round(ahead / 100) / 10)];
  }
}

/** @param ahead seconds by which the local clock is ahead. */
export function verdictOf(ahead: number): Verdict {
  const advice = 'Synchronise both machines by NTP.';
  const message = `${Math.abs(ahead)} s ${ahead < 0 ? 'behind' : 'ahead of'} the database's`;
  if (Math.abs(ahead) >= HARMFUL) return error(`${message}: codes and nonces expire at the wrong time`, advice);
  return Math.abs(ahead) >= NOTICEABLE ? warning(message, advice) : ok("agrees with the database's");
}
