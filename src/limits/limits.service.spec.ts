import { Settings } from '../config/settings.js';
import { Metrics } from '../metrics/metrics.service.js';
import type { Count } from './bounded-counts.js';
import { Counters, LocalCounters } from './counters.js';
import { LimitsUnavailable } from './limits.errors.js';
import { Limits, type Use } from './limits.service.js';

/** Counters in a store that can fail at any moment. */
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
    await expect(limits.runCounted([use], work, neverCounts)).rejects.toThrow(LimitsUnavailable);
    expect(isBegun).toBe(false);
  });

  it('do not make a failure of work that is done', async () => {
    const work = async () => {
      counters.isThere = false;
      return 'activated';
    };
    expect(await limits.runCounted([use], work, neverCounts)).toBe('activated');
  });

  it('tell what the work threw, not that it still counts', async () => {
    const work = async () => {
      counters.isThere = false;
      throw new Error('the number is taken');
    };
    await expect(limits.runCounted([use], work, neverCounts)).rejects.toThrow('the number is taken');
  });
});

/** Counters whose window ends right after it was read or changed. */
class EndingCounters extends LocalCounters {
  endsAfterNext = false;

  override async read(...what: Parameters<Counters['read']>): Promise<Count> {
    const count = await super.read(...what);
    await this.endIfTold(what);
    return count;
  }

  async endIfTold([limit, key]: Parameters<Counters['read']>): Promise<void> {
    if (this.endsAfterNext) await this.clear(limit, key);
  }
}

describe('A use that is taken back', () => {
  const use: Use = ['failedActivations', 'alice@sip.example.org'];
  const limitsWith = (counters: Counters) =>
    new Limits(Object.assign(new Settings(), { limits: { failedActivations: 2 } }), counters, new Metrics());

  it('gives no more uses than the limit where counting begins anew at that moment', async () => {
    const counters = new EndingCounters();
    const limits = limitsWith(counters);
    const work = async () => void (counters.endsAfterNext = true);
    await limits.runCounted([use], work, () => false);
    counters.endsAfterNext = false;
    expect(await limits.remaining(use)).toBe(2);
  });

  it('gives no more uses than the limit where counting has begun anew meanwhile', async () => {
    const counters = new LocalCounters();
    const limits = limitsWith(counters);
    await limits.runCounted(
      [use],
      () => limits.clear(use),
      () => false,
    );
    expect(await limits.remaining(use)).toBe(2);
  });

  it('can be made again', async () => {
    const limits = limitsWith(new LocalCounters());
    for (let time = 0; time < 5; time += 1)
      await limits.runCounted(
        [use],
        async () => undefined,
        () => false,
      );
    expect(await limits.remaining(use)).toBe(2);
  });
});
