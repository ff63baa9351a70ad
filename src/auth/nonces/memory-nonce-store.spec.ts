import { MemoryNonceStore } from './memory-nonce-store.js';
import { CLOCK_SKEW } from './signed-nonces.js';

const MOST = 100;
const LIFETIME = 300;
const BEGAN = 1_000_000;

describe('A store of nonces in memory', () => {
  let store: MemoryNonceStore;
  let now: number;

  beforeEach(() => {
    now = BEGAN;
    store = new MemoryNonceStore(LIFETIME, new Date(BEGAN), MOST);
  });

  const spend = (nonce: string, madeAt: number, count = 1) =>
    store.spend({ accountId: 1, nonce, madeAt, count }, new Date(now));
  /** Uses this many nonces, each created a millisecond after the previous one. */
  const useMany = async (many: number) => {
    const used: [nonce: string, madeAt: number][] = [];
    for (let index = 0; index < many; index += 1) {
      now += 1;
      const nonce = `nonce ${now}`;
      expect(await spend(nonce, now)).toBe(true);
      used.push([nonce, now]);
    }
    return used;
  };
  const remembered = () => {
    const { young, old } = store as unknown as Record<'young' | 'old', { seen: Map<string, unknown> }>;
    return young.seen.size + old.seen.size;
  };

  it('remembers no more than there is room for, and takes none of those it has forgotten again', async () => {
    const used = await useMany(20 * MOST);
    expect(remembered()).toBeLessThanOrEqual(2 * MOST);
    const again = await Promise.all(used.map(([nonce, madeAt]) => spend(nonce, madeAt)));
    expect(again.filter(Boolean)).toEqual([]);
  });

  it('takes no nonce that was made before one that it has forgotten, and any that is made now', async () => {
    const waiting = now + 5;
    await useMany(20 * MOST);
    expect(await spend('answered late', waiting)).toBe(false);
    now += 1;
    expect(await spend('made now', now)).toBe(true);
    expect(await spend('made now', now, 2)).toBe(true);
  });

  it('goes on with a nonce that is in use, however many others come and go', async () => {
    now += 1;
    const madeAt = now;
    for (let count = 1; count <= 40; count += 1) {
      expect(await spend('in use', madeAt, count)).toBe(true);
      await useMany(MOST / 2);
    }
    for (const count of [1, 39, 40]) expect(await spend('in use', madeAt, count)).toBe(false);
    expect(await spend('in use', madeAt, 41)).toBe(true);
  });

  it('takes every nonce of its lifetime where there is room, and forgets it afterwards', async () => {
    const madeAt = now + 1;
    await useMany(MOST / 2);
    expect(await spend('answered late', madeAt)).toBe(true);
    now += 2 * (LIFETIME * 1000 + 2 * CLOCK_SKEW);
    await useMany(1);
    expect(remembered()).toBe(1);
  });
});
