import { RedisNeighbour } from '../../common/neighbours/redis.js';
import type { Settings } from '../../config/settings.js';
import type { Check, Verdict } from '../finding.js';
import { askNeighbour } from './neighbour-check.js';

/** Whether the Redis answers in which processes share what they count. */
export class RedisCheck implements Check {
  readonly name = 'Redis';

  constructor(private readonly settings: Settings) {}

  async run(): Promise<Verdict[]> {
    const { sharedRedis, limits, nonceStore } = this.settings;
    const hasNonces = nonceStore === 'redis';
    if (!sharedRedis || (!hasNonces && Object.values(limits).every((most) => most === 0))) return [];
    const redis = new RedisNeighbour('the shared Redis', sharedRedis);
    const question = async (signal: AbortSignal) => {
      await redis.ask((client) => client.ping(), signal);
      return 'the shared Redis answers';
    };
    const consequence = hasNonces ? 'calls by Digest are refused' : 'some calls are refused and limits hold within each process';
    const advice = `See REDIS_URL, and docs/limits.md for rights. Until it answers, ${consequence}.`;
    const verdict = await askNeighbour(this.settings, question, advice);
    redis.close();
    return [verdict];
  }
}
