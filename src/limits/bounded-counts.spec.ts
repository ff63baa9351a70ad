import { BoundedCounts } from './bounded-counts.js';

const MOST = 1_000;
const HOUR = 3_600;

describe('Counts of more keys than there is room for', () => {
  let counts: BoundedCounts;
  let isFull: number;

  beforeEach(() => {
    jest.useFakeTimers({ doNotFake: ['setImmediate', 'nextTick'] });
    isFull = 0;
    counts = new BoundedCounts(HOUR, () => (isFull += 1), MOST);
  });
  afterEach(() => jest.useRealTimers());

  const times = <T>(count: number, work: (index: number) => T): T[] =>
    Array.from({ length: count }, (_, index) => work(index));
  const flood = (keys: number, each = 1) =>
    times(keys, (index) => times(each, () => counts.add(`stranger ${index}`, 1)));
  const used = (key: string) => counts.read(key).used;

  it('take no more room, and say once that there is none', () => {
    flood(MOST);
    expect(isFull).toBe(0);
    flood(20 * MOST);
    expect(counts.size).toBeLessThanOrEqual(MOST);
    expect(isFull).toBe(1);
  });

  it('keep what is higher than those of the flood, exactly', () => {
    times(9, () => counts.add('alice', 1));
    flood(20 * MOST, 3);
    expect(used('alice')).toBe(9);
    expect(counts.add('alice', 1).used).toBe(10);
  });

  it('are never too low, whichever keys were evicted', () => {
    const actual = new Map<string, number>();
    times(5 * MOST, (index) => {
      const count = 1 + (index % 7);
      times(count, () => counts.add(`key ${index}`, 1));
      actual.set(`key ${index}`, count);
    });
    expect([...actual].filter(([key, count]) => used(key) < count)).toEqual([]);
    // Every count continues from its previous value.
    expect([...actual].filter(([key, count]) => counts.add(key, 1).used <= count)).toEqual([]);
  });

  it('are exact for keys that come after a small flood', () => {
    flood(5 * MOST);
    expect(times(MOST, (index) => used(`late ${index}`)).filter((count) => count > 0)).toEqual([]);
  });

  it('begin anew where they are cleared, also after their key was evicted', () => {
    counts.add('alice', 1);
    flood(5 * MOST, 2);
    expect(used('alice')).toBeGreaterThan(0);
    counts.clear('alice');
    expect(used('alice')).toBe(0);
    expect(counts.add('alice', 1).used).toBe(1);
  });

  it('hardly rise for new keys by a flood of keys that count once each', () => {
    flood(600_000);
    const late = times(10_000, (index) => used(`late ${index}`));
    expect(late.filter((count) => count >= 5)).toHaveLength(0);
    expect(late.filter((count) => count >= 3).length).toBeLessThan(late.length / 10);
  });

  it('begin anew after their time, and give all their room back', () => {
    flood(5 * MOST, 2);
    expect(counts.add('stranger 0', 1).msLeft).toBe(HOUR * 1000);
    // Counts of evicted keys last up to twice as long.
    jest.advanceTimersByTime(2 * HOUR * 1000);
    expect(used('stranger 0')).toBe(0);
    expect(counts.add('alice', 1)).toEqual({ used: 1, msLeft: HOUR * 1000 });
    expect(counts.size).toBe(1);
  });

  it('last no longer for a key that comes back', () => {
    counts.add('alice', 1);
    jest.advanceTimersByTime(1_000);
    flood(5 * MOST, 2);
    expect(counts.add('alice', 1).msLeft).toBeLessThanOrEqual(HOUR * 1000);
  });

  it('never fall below zero', () => {
    counts.add('alice', 1);
    expect([counts.add('alice', -1).used, counts.add('alice', -1).used]).toEqual([0, 0]);
  });
});
