import { Settings } from '../config/settings.js';
import { Metrics } from '../metrics/metrics.service.js';
import type { Count } from './bounded-counts.js';
import { Counters, LocalCounters } from './counters.js';
import { LimitsUnavailable } from './limits.errors.js';
import { Limits, type Use } from './limits.service.js';

/** Counters in a store that can go away at any moment. */
class FragileCounters extends Counters {
  isThere = true;
  private readonly counters = new LocalCounters();

  async add(...what: Parameters<Counters['add']>): Promise<Count> {
    this.check();
    return this.counters.add(...what);
  }

  async read(...what: Parameters<Counters['read']>): Promise<Count> {
    this.check();
    return this.counters.read(...what);
  }

  async clear(...what: Parameters<Counters['clear']>): Promise<void> {
    this.check();
    return this.counters.clear(...what);
  }

  private check(): void {
    if (!this.isThere) throw new LimitsUnavailable();
  }
}

describe('Limits whose store goes away', () => {
  const use: Use = ['failedActivations', 'alice@sip.example.org'];
  const neverCounts = () => false;
  let counters: FragileCounters;
  let limits: Limits;

  beforeEach(() => {
    counters = new FragileCounters();
    const settings = Object.assign(new Settings(), { limits: { failedActivations: 2 } });
    limits = new Limits(settings, counters, new Metrics());
  });

  it('begin no work that they cannot count', async () => {
    counters.isThere = false;
    let isBegun = false;
    const work = async () => void (isBegun = true);
    await expect(limits.counting([use], work, neverCounts)).rejects.toThrow(LimitsUnavailable);
    expect(isBegun).toBe(false);
  });

  it('do not make a failure of work that is done', async () => {
    const work = async () => {
      counters.isThere = false;
      return 'activated';
    };
    expect(await limits.counting([use], work, neverCounts)).toBe('activated');
  });

  it('tell what the work threw, not that it still counts', async () => {
    const work = async () => {
      counters.isThere = false;
      throw new Error('the number is taken');
    };
    await expect(limits.counting([use], work, neverCounts)).rejects.toThrow('the number is taken');
  });
});
