import { Api } from '../support/api.js';
import { eventsOf, named } from '../support/events.js';
import type { GivenAccount } from '../support/factories.js';
import { countedBy } from '../support/metrics.js';
import { Visitor } from '../support/visitor.js';

describe('An event is logged in the panel for', () => {
  let api: Api;
  let admin: GivenAccount;
  let visitor: Visitor;
  let account: GivenAccount;

  beforeAll(async () => {
    api = await Api.start();
    admin = await api.given.admin({ key: false });
    account = await api.given.account();
    visitor = new Visitor(api);
    await visitor.signIn(admin);
  });
  afterAll(() => api.stop());

  const by = () => ({ ...named(admin), means: 'panel', ip: '127.0.0.1' });
  const event = (name: string, about: GivenAccount) =>
    expect.objectContaining({
      event: name,
      about: named(about),
      by: by(),
      accountId: admin.id,
      requestId: expect.any(String) as string,
    }) as unknown;

  it.each<[string, () => Promise<unknown>, string[]]>([
    [
      'a new API key',
      async () => (await visitor.open('/account/api-key'), visitor.submit('/generate')),
      ['api_key.generated'],
    ],
    [
      'a revoked API key',
      async () => (await visitor.open('/account/api-key/revoke'), visitor.submit('/revoke')),
      ['api_key.revoked'],
    ],
    [
      'a changed password',
      async () => {
        await visitor.open('/account/password');
        const entered = { old_password: admin.password, password: 'new words', repeat: 'new words', algorithm: 'MD5' };
        await visitor.submit('/account/password', entered);
      },
      ['password.changed'],
    ],
  ])('%s', async (_name, work, names) => {
    expect(await eventsOf(api, work)).toEqual(names.map((name) => event(name, admin)));
  });

  it('what an administrator does with another account', async () => {
    const path = `/account/accounts/${account.id}`;
    const press = (page: string, action: string) => async () => {
      await visitor.open(page);
      await visitor.submit(action);
    };
    expect(await eventsOf(api, press(path, '/deactivate'))).toEqual([event('account.deactivated', account)]);
    expect(await eventsOf(api, press(path, '/activate'))).toEqual([event('account.activated', account)]);
    expect(await eventsOf(api, press(`${path}/delete`, '/delete'))).toEqual([event('account.deleted', account)]);
  });

  it('what was done, and not for a form that was refused', async () => {
    expect(await eventsOf(api, () => visitor.post('/account/api-key/generate', { _token: 'wrong' }))).toEqual([]);
  });

  it('a refused login, with the reason that the page does not tell', async () => {
    const victim = await api.given.account();
    const stranger = new Visitor(api);
    const counted = await countedBy(api, 'flexisip_api_refused_attempts_total', async () => {
      const events = await eventsOf(api, async () => {
        await stranger.signIn({ ...victim, password: 'wrong' });
        await stranger.signIn({ ...victim, sip: 'nobody@sip.example.org' });
      });
      expect(events).toMatchObject([
        {
          event: 'login.refused',
          reason: 'wrong_password',
          about: named(victim),
          by: { means: 'panel', ip: '127.0.0.1' },
        },
        { event: 'login.refused', reason: 'unknown_account', by: { means: 'panel' } },
      ]);
      expect(events[1]).not.toHaveProperty('about');
    });
    expect(counted).toEqual({ 'reason="wrong_password"': 1, 'reason="unknown_account"': 1 });
  });
});
