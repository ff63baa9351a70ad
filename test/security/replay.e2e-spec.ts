import { NoncePurgeService } from '../../src/auth/nonces/nonce-purge.service.js';
import { Api } from '../support/api.js';
import type { GivenAccount } from '../support/factories.js';
import { sendRequest } from '../support/http.js';
import { range } from '../support/public-routes.js';
import { CALLS, type Captured, captureAll, challengeFrom, Replays, sign, WAYS } from './replays.js';
import { report, sizes } from './sizes.js';

const WAY_NAMES = Object.keys(WAYS);
/** The number of concurrent calls. */
const TOGETHER = 40;

jest.setTimeout(30_000 + sizes.replays * 20);

describe('A captured Digest call', () => {
  const replays = new Replays();
  let api: Api;
  let accounts: GivenAccount[];

  beforeAll(async () => {
    api = await Api.start({ environment: { RATE_LIMITS: 'off' } });
    accounts = [
      await api.given.account(),
      await api.given.account({ stored: ['MD5', 'SHA-256'] }),
      await api.given.account({ stored: ['CLRTXT'] }),
    ];
  });
  afterAll(async () => {
    report('replay', { 'replays tried': replays.tried, accepted: replays.accepted });
    await api.stop();
  });

  const captureOfAll = async () =>
    (await Promise.all(accounts.map((account) => captureAll(api.origin, account)))).flat();
  const nth = <T>(list: readonly T[], index: number): T => list[index % list.length] as T;

  it('is refused one after the other, in every way', async () => {
    const captured = await captureOfAll();
    for (const index of range(Math.ceil(sizes.replays * 0.4))) {
      await replays.replay(api.origin, nth(captured, Math.floor(index / WAY_NAMES.length)), nth(WAY_NAMES, index));
    }
    expect(replays.refused()).toBe(true);
  });

  it('is refused many at a time, in every way', async () => {
    const captured = await captureOfAll();
    for (const round of range(Math.ceil((sizes.replays * 0.3) / TOGETHER))) {
      const first = round * TOGETHER;
      await Promise.all(
        range(TOGETHER).map((index) => replays.replay(api.origin, nth(captured, round), nth(WAY_NAMES, first + index))),
      );
    }
    expect(replays.refused()).toBe(true);
  });

  it('is taken once of many copies, of which none was first', async () => {
    for (const round of range(Math.ceil((sizes.replays * 0.3) / TOGETHER))) {
      const account = nth(accounts, round);
      const unseen = sign(await challengeFrom(api.origin, account), account, nth(CALLS, round));
      expect(await replays.race([api.origin], unseen, TOGETHER)).toBe(1);
    }
    expect(replays.refused()).toBe(true);
  });

  it('is refused where its nonce is used on', async () => {
    const account = nth(accounts, 0);
    const challenge = await challengeFrom(api.origin, account);
    const all = range(100).map((index) => sign(challenge, account, nth(CALLS, 0), index + 1));
    for (const { request } of all) expect((await sendRequest(api.origin, request)).status).toBe(200);
    for (const captured of all) await replays.replay(api.origin, captured, 'as it was');
    expect(replays.refused()).toBe(true);
  });

  it('is refused after the password has changed, and so is what was signed with it and never sent', async () => {
    const change = CALLS.find(({ method }) => method === 'POST');
    const owner = await api.given.account();
    const captured = await captureAll(api.origin, owner);
    const unsent = sign(await challengeFrom(api.origin, owner), owner, nth(CALLS, 0));
    const body = JSON.stringify({ algorithm: 'MD5', password: 'other words', old_password: owner.password });
    expect((await api.withDigest(owner).post(change?.path ?? '', JSON.parse(body))).status).toBe(200);
    for (const one of [...captured, unsent]) for (const way of WAY_NAMES) await replays.replay(api.origin, one, way);
    expect(replays.refused()).toBe(true);
  });

  it('is refused when its nonce expires, stays expired, and has been forgotten by the database', async () => {
    const captured: Captured[] = await captureOfAll();
    const unsent = await Promise.all(
      accounts.map(async (account) => sign(await challengeFrom(api.origin, account), account, nth(CALLS, 0))),
    );
    for (const seconds of [299, 1, 1, 60, 120, 86_400]) {
      api.clock.advance(seconds);
      for (const one of captured) await replays.replay(api.origin, one, 'as it was');
      if (seconds !== 299) for (const one of unsent) await replays.replay(api.origin, one, 'as it was');
    }
    await api.app.get(NoncePurgeService).run();
    expect(await api.count('nonces')).toBe(0);
    for (const one of [...captured, ...unsent]) for (const way of WAY_NAMES) await replays.replay(api.origin, one, way);
    expect(replays.refused()).toBe(true);
  });
});
