import { Api } from '../support/api.js';
import { DigestClient } from '../support/digest-client.js';
import { eventsOf, named } from '../support/events.js';
import type { GivenAccount } from '../support/factories.js';
import { ME } from '../support/http.js';
import { countedBy } from '../support/metrics.js';
import { range } from '../support/public-routes.js';

describe('A refused login', () => {
  let api: Api;
  let alice: GivenAccount;
  let mallory: GivenAccount;

  beforeAll(async () => {
    api = await Api.start();
    alice = await api.given.account();
    mallory = await api.given.account();
  });
  afterAll(() => api.stop());

  /** What a client would answer to a fresh challenge. */
  const answer = async (account: GivenAccount, uri = ME) =>
    (await DigestClient.start(api, account)).authorize('GET', uri);
  const call = (account: GivenAccount, headers: Record<string, string>) =>
    api.send({ path: ME, headers: { from: account.from, ...headers } });

  const ways: [reason: string, means: string, headers: () => Promise<Record<string, string>>][] = [
    ['wrong_key', 'api-key', async () => ({ 'x-api-key': 'wrong' })],
    [
      'wrong_response',
      'digest',
      async () => ({
        authorization: (await answer(alice)).replace(/response="[^"]*"/, `response="${'0'.repeat(64)}"`),
      }),
    ],
    [
      'foreign_nonce',
      'digest',
      async () => ({ authorization: (await answer(alice)).replace(/nonce="[^"]*"/, 'nonce="00"') }),
    ],
    ['other_request', 'digest', async () => ({ authorization: await answer(alice, '/api/accounts') })],
    ['malformed', 'digest', async () => ({ authorization: 'Basic YTpi' })],
  ];

  it.each(ways)('is reported as %s, about whom it was tried on', async (reason, means, headers) => {
    const sent = await headers();
    const counted = await countedBy(api, 'flexisip_api_refused_attempts_total', async () => {
      const events = await eventsOf(api, async () => expect((await call(alice, sent)).status).toBe(401));
      expect(events).toEqual([
        expect.objectContaining({
          event: 'login.refused',
          reason,
          about: named(alice),
          by: { means, ip: '127.0.0.1' },
        }),
      ]);
      expect(events[0]).not.toHaveProperty('accountId');
    });
    expect(counted).toEqual({ [`reason="${reason}"`]: 1 });
  });

  it('is reported as replayed_nonce where a right answer comes again', async () => {
    const authorization = await answer(alice);
    expect((await call(alice, { authorization })).status).toBe(200);
    const events = await eventsOf(api, async () => expect((await call(alice, { authorization })).status).toBe(401));
    expect(events).toMatchObject([{ event: 'login.refused', reason: 'replayed_nonce', about: named(alice) }]);
  });

  it('is counted, and not reported, where a right answer comes too late', async () => {
    const authorization = await answer(alice);
    api.clock.advance(api.settings.nonceLifetime + 1);
    const counted = await countedBy(api, 'flexisip_api_refused_attempts_total', async () => {
      expect(await eventsOf(api, async () => expect((await call(alice, { authorization })).status).toBe(401))).toEqual(
        [],
      );
    });
    expect(counted).toEqual({ 'reason="expired_nonce"': 1 });
  });

  it('repeats no name that nobody has: people write their passwords there', async () => {
    const nobody = { ...mallory, from: 'sip:mallory:Secret0Words@sip.example.org' };
    const events = await eventsOf(api, async () =>
      expect((await call(nobody, { 'x-api-key': 'a key' })).status).toBe(404),
    );
    expect(events).toEqual([
      expect.objectContaining({ reason: 'unknown_account', by: { means: 'api-key', ip: '127.0.0.1' } }),
    ]);
    expect(events[0]).not.toHaveProperty('about');
    expect(api.log.join('')).not.toContain('Secret0Words');
  });

  it('is none where somebody asks for a challenge', async () => {
    const counted = await countedBy(api, 'flexisip_api_challenges_total', async () => {
      expect(await eventsOf(api, async () => expect((await call(alice, {})).status).toBe(401))).toEqual([]);
    });
    expect(counted).toEqual({ 'cause="no_credentials"': 1 });
  });

  it('is reported as limit once there were too many, and the limit is counted', async () => {
    const limited = await Api.start({ environment: { RATE_LIMITS: 'on', LIMIT_FAILED_LOGINS: '2' } });
    const bob = await limited.given.account();
    const guess = () => limited.send({ path: ME, headers: { from: bob.from, 'x-api-key': 'wrong' } });
    const counted = await countedBy(limited, 'flexisip_api_limit_hits_total', async () => {
      const events = await eventsOf(limited, async () => {
        for (const _ of range(3)) await guess();
      });
      expect(events.map(({ reason }) => reason)).toEqual(['wrong_key', 'wrong_key', 'limit']);
    });
    expect(counted).toEqual({ 'limit="failedLogins"': 1 });
    await limited.stop();
  });
});
