import { harmWithoutRedis } from '../../common/neighbours/shared-redis.js';
import { RedisNeighbour } from '../../common/neighbours/redis.js';
import type { Settings } from '../../config/settings.js';
import type { Check, Verdict } from '../finding.js';
import { askNeighbour } from './neighbour-check.js';

/** Whether the Redis answers in which processes share what they count. */
export class RedisCheck implements Check {
  readonly name = 'Redis';

  constructor(private readonly settings: Settings) {}

  async run(): Promise<Verdict[]> {
    const { sharedRedis } = this.settings;
    const harm = harmWithoutRedis(this.settings);
    if (!sharedRedis || harm === null) return [];
    const redis = new RedisNeighbour('the shared Redis', sharedRedis);
    const question = async (signal: AbortSignal) => {
      await redis.ask((client) => client.ping(), signal);
      return 'the shared Redis answers';
    };
    const advice = `See REDIS_URL, and docs/limits.md for rights. Until it answers, ${harm}.`;
    const verdict = await askNeighbour(this.settings, question, advice);
    redis.close();
    return [verdict];
  }
}
