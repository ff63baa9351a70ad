import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { FastifyRequest } from 'fastify';
import { Strategy } from 'passport-custom';
import type { Account } from '../../database/entities/account.entity.js';
import { AuthenticationRequired } from '../auth.errors.js';
import { callerFor } from '../caller.js';
import { runStrategy } from './run-strategy.js';

describe('runStrategy', () => {
  const requestOf = (id: string) => ({ id }) as FastifyRequest;

  it('returns the caller that the strategy finds', async () => {
    const caller = callerFor({ id: 1 } as Account, 'digest');
    const strategy = new Strategy((_request, done) => setImmediate(done, null, caller));
    expect(await runStrategy(strategy, requestOf('a'))).toBe(caller);
  });

  it('rejects with the error of the strategy', async () => {
    const error = new Error('no');
    await expect(runStrategy(new Strategy((_request, done) => done(error)), requestOf('a'))).rejects.toBe(error);
    const broken = new Strategy(() => {
      throw error;
    });
    await expect(runStrategy(broken, requestOf('a'))).rejects.toBe(error);
  });

  it('rejects with AuthenticationRequired if the strategy finds no caller', async () => {
    const strategy = new Strategy((_request, done) => done(null));
    await expect(runStrategy(strategy, requestOf('a'))).rejects.toBeInstanceOf(AuthenticationRequired);
  });

  it('keeps requests apart that run at the same time', async () => {
    const finished = new Map<string, (error: null, user: unknown) => void>();
    const strategy = new Strategy((request, done) => finished.set((request as unknown as FastifyRequest).id, done));
    const [first, second] = [runStrategy(strategy, requestOf('a')), runStrategy(strategy, requestOf('b'))];
    finished.get('b')?.(null, 'the caller of b');
    finished.get('a')?.(null, 'the caller of a');
    expect(await Promise.all([first, second])).toEqual(['the caller of a', 'the caller of b']);
  });

  it('keeps nothing of a request until a major garbage collection', async () => {
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as (options: { type: 'minor' }) => void;
    const strategy = new Strategy((_request, done) => done(null, 'a caller'));
    const before = oldGeneration();
    for (let round = 0; round < 200; round += 1) {
      for (let call = 0; call < 10; call += 1) {
        const body = Array.from({ length: 1_000 }, (_item, index) => ({ index }));
        await runStrategy(strategy, { body } as FastifyRequest);
      }
      collect({ type: 'minor' });
    }
    // A function literal on a property leaves 80 MB here. Jest itself leaves a few MB.
    expect(oldGeneration() - before).toBeLessThan(20);
  });
});

/** The size of the old generation in MB. */
function oldGeneration(): number {
  const spaces = getHeapSpaceStatistics().filter(({ space_name }) => /^(old|large_object)_space$/.test(space_name));
  return spaces.reduce((sum, { space_used_size }) => sum + space_used_size, 0) / 1e6;
}
