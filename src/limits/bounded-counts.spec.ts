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

  const times = (count: number, work: (index: number) => void) => Array.from({ length: count }, (_, index) => work(index));
  const flood = (keys: number, each = 1) => times(keys, (index) => times(each, () => counts.add(`stranger ${index}`, 1)));
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

  it('are never too low, whichever keys had to leave', () => {
    const actual = new Map<string, number>();
    times(5 * MOST, (index) => {
      const count = 1 + (index % 7);
      times(count, () => counts.add(`key ${index}`, 1));
      actual.set(`key ${index}`, count);
    });
    expect([...actual].filter(([key, count]) => used(key) < count)).toEqual([]);
    // All of them go on from where they were.
    expect([...actual].filter(([key, count]) => counts.add(key, 1).used <= count)).toEqual([]);
  });

  it('are exact for nearly all keys that come after a flood', () => {
    flood(5 * MOST);
    const late = times(MOST, (index) => index).map((_, index) => used(`late ${index}`));
    expect(Math.max(...late)).toBe(1);
    expect(late.filter((count) => count > 0).length).toBeLessThan(MOST / 5);
  });

  it('begin anew where they are cleared, also after their key had to leave', () => {
    counts.add('alice', 1);
    flood(5 * MOST, 2);
    expect(used('alice')).toBeGreaterThan(0);
    counts.clear('alice');
    expect(used('alice')).toBe(0);
    expect(counts.add('alice', 1).used).toBe(1);
  });

  it('begin anew after their time, and give all their room back', () => {
    flood(5 * MOST, 2);
    expect(counts.add('stranger 0', 1).msLeft).toBe(HOUR * 1000);
    jest.advanceTimersByTime(HOUR * 1000);
    expect(used('stranger 0')).toBe(0);
    expect(counts.add('alice', 1)).toEqual({ used: 1, msLeft: HOUR * 1000 });
    expect(counts.size).toBe(1);
  });

  it('end when the first of them ends that a key has inherited from', () => {
    counts.add('alice', 1);
    jest.advanceTimersByTime(1_000);
    flood(5 * MOST, 2);
    expect(counts.add('alice', 1).msLeft).toBeLessThanOrEqual(HOUR * 1000);
  });

  it('fall no lower than nothing', () => {
    counts.add('alice', 1);
    expect([counts.add('alice', -1).used, counts.add('alice', -1).used]).toEqual([0, 0]);
  });
});
