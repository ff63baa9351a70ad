import { Api } from '../support/api.js';
import { eventsOf, named } from '../support/events.js';
import type { GivenAccount } from '../support/factories.js';
import { ME } from '../support/http.js';
import { confirmationPathOf, confirmEmail, requestEmail } from '../support/mail-routes.js';
import { BEHIND_PROXY, stranger } from '../support/public-routes.js';
import { refusal, tally } from '../support/refusal.js';
import { faultOf, whileRefusing } from '../support/refused-writes.js';
import { Visitor } from '../support/visitor.js';

const PATH = '/api/accounts';
const REGISTRATION = { uniqueId: '"<urn:uuid:1>"', expiresAt: new Date(), updatedAt: new Date(), userAgent: 'phone' };

/** The request of Flexisip 2.5 and later, by its default (docs/flexisip.md). */
const OF_FLEXISIP =
  'select password, algorithm from passwords where account_id = (select id from accounts where username = ? and domain = ? and activated = true)';
/** The request of its presence server. */
const OF_PRESENCE = 'select username from accounts where activated = true and (username = ? or phone = ?)';

describe('/accounts/{id}/block and /unblock', () => {
  let api: Api;
  let admin: GivenAccount;

  beforeAll(async () => {
    api = await Api.start({ environment: BEHIND_PROXY });
    admin = await api.given.admin();
  });
  afterAll(() => api.stop());
  afterEach(() => api.registrar.comeBack());

  const post = (id: number, action: string, as = admin) => api.withKey(as).post(`${PATH}/${id}/${action}`);
  const block = (id: number, as = admin) => post(id, 'block', as);
  const unblock = (id: number) => post(id, 'unblock');
  const rowOf = async (id: number) => (await api.sql('SELECT * FROM accounts WHERE id = ?', [id]))[0];
  const columnsOf = async (id: number) => {
    const { activated, blocked, activated_before_block: before } = await rowOf(id);
    return { activated, blocked, before };
  };
  const foundByFlexisip = async ({ username, domain }: GivenAccount) =>
    (await api.sql(OF_FLEXISIP, [username, domain])).length;

  it('answer the account, without its confirmation key', async () => {
    const account = await api.given.inactiveAccount();
    const { confirmation_key: key, ...before } = (await api.withKey(admin).get(`${PATH}/${account.id}`)).json;
    const changed = { ...before, updated_at: expect.any(String) as string };
    const blocked = await block(account.id);
    expect(blocked).toMatchObject({ status: 200, json: { ...changed, blocked: true } });
    expect(blocked.json).not.toHaveProperty('confirmation_key');
    const shown = (await api.withKey(admin).get(`${PATH}/${account.id}`)).json;
    expect(shown).toEqual({ ...blocked.json, confirmation_key: key });
    expect(await unblock(account.id)).toMatchObject({ status: 200, json: changed });
  });

  it('hide the account from Flexisip, and show it again', async () => {
    const account = await api.given.account({ phone: '+33650000001', stored: ['MD5', 'SHA-256'] });
    const presence = async () =>
      (await api.sql(OF_PRESENCE, ['+33650000001', '+33650000001'])).map(({ username }) => username as string);
    expect([await foundByFlexisip(account), await presence()]).toEqual([2, [account.username]]);
    await block(account.id);
    expect([await foundByFlexisip(account), await presence()]).toEqual([0, []]);
    await unblock(account.id);
    expect([await foundByFlexisip(account), await presence()]).toEqual([2, [account.username]]);
  });

  it('end the registrations of the account, and of no other', async () => {
    const [account, other] = [await api.given.account(), await api.given.account()];
    for (const one of [account, other]) api.registrar.register(one, REGISTRATION);
    await block(account.id);
    expect(await api.registrar.list(account)).toEqual([]);
    expect(await api.registrar.list(other)).toEqual([REGISTRATION]);
  });

  it('succeed while the registrar is down', async () => {
    const account = await api.given.account();
    api.registrar.goDown();
    expect((await block(account.id)).json.blocked).toBe(true);
    expect(await columnsOf(account.id)).toEqual({ activated: 0, blocked: 1, before: 1 });
  });

  it('restore what was, and what an administrator changed meanwhile', async () => {
    for (const [given, meanwhile, after] of [
      [true, null, true],
      [false, null, false],
      [true, 'deactivate', false],
      [false, 'activate', true],
    ] as const) {
      const { id } = await api.given.account({ activated: given });
      await block(id);
      if (meanwhile) {
        expect((await post(id, meanwhile)).json).toMatchObject({ blocked: true, activated: meanwhile === 'activate' });
        expect(await columnsOf(id)).toMatchObject({ activated: 0, blocked: 1 });
      }
      expect((await unblock(id)).json).toMatchObject({ blocked: false, activated: after });
      expect(await columnsOf(id)).toEqual({ activated: Number(after), blocked: 0, before: 0 });
    }
  });

  it('change nothing when they are repeated', async () => {
    const account = await api.given.account();
    expect(await eventsOf(api, () => unblock(account.id))).toEqual([]);
    const events = await eventsOf(api, () => block(account.id));
    expect(events).toMatchObject([{ event: 'account.blocked', about: named(account), by: named(admin) }]);
    const row = await rowOf(account.id);
    expect(await eventsOf(api, () => block(account.id))).toEqual([]);
    expect(await rowOf(account.id)).toEqual(row);
    expect(await eventsOf(api, () => unblock(account.id))).toMatchObject([
      { event: 'account.unblocked', about: named(account) },
    ]);
  });

  it('do so once of 20 times at once', async () => {
    const { id } = await api.given.account();
    for (const [action, event] of [
      ['block', 'account.blocked'],
      ['unblock', 'account.unblocked'],
    ] as const) {
      const events = await eventsOf(api, async () => {
        const answers = await Promise.all(Array.from({ length: 20 }, () => post(id, action)));
        expect(tally(answers)).toEqual({ 200: 20 });
      });
      expect(events.map((one) => one.event)).toEqual([event]);
    }
    expect(await columnsOf(id)).toEqual({ activated: 1, blocked: 0, before: 0 });
  });

  it('leave nothing half-done when a write is refused', async () => {
    const account = await api.given.account();
    const visitor = new Visitor(api);
    await visitor.signIn(account);
    const row = await rowOf(account.id);
    const refused = await whileRefusing(api, 'DELETE', 'panel_sessions', () => faultOf(block(account.id)));
    expect(refused).toBe('internal_error');
    expect(await rowOf(account.id)).toEqual(row);
    expect((await visitor.open('/account')).status).toBe(200);
  });

  it.each(['block', 'unblock'])('are 404 for an account that does not exist: %s', async (action) => {
    for (const id of ['4711000', '0', '01', 'x', '1e3', '-1', '99999999999'])
      expect(refusal(await api.withKey(admin).post(`${PATH}/${id}/${action}`))).toBe('404 account_not_found');
  });

  it.each(['block', 'unblock'])('are for administrators, and answer POST only: %s', async (action) => {
    const [account, other] = [await api.given.account(), await api.given.account()];
    expect(refusal(await post(account.id, action, other))).toBe('403 admin_required');
    expect(refusal(await api.anonymous().post(`${PATH}/${account.id}/${action}`))).toBe('422 validation_failed from');
    for (const method of ['GET', 'PUT', 'DELETE']) {
      const answer = await api.withKey(admin).send({ method, path: `${PATH}/${account.id}/${action}` });
      expect([answer.status, answer.headers.allow]).toEqual([405, 'POST']);
    }
    expect(await columnsOf(account.id)).toEqual({ activated: 1, blocked: 0, before: 0 });
  });

  describe('An administrator', () => {
    it('cannot block himself', async () => {
      expect(refusal(await block(admin.id))).toBe('403 own_account');
      expect(await columnsOf(admin.id)).toMatchObject({ blocked: 0, activated: 1 });
    });

    it('can block another one, who then can do nothing', async () => {
      const other = await api.given.admin();
      expect((await block(other.id)).status).toBe(200);
      expect(refusal(await block(admin.id, other))).toBe('403 account_blocked');
    });

    it('stays one of two who block each other at once', async () => {
      for (let round = 0; round < 5; round++) {
        // The administrator of the other tests is the only one besides these two, and must not count.
        const [one, two] = [await api.given.admin(), await api.given.admin()];
        await api.sql('UPDATE accounts SET activated = 0 WHERE id = ?', [admin.id]);
        try {
          const answers = await Promise.all([block(one.id, two), block(two.id, one)]);
          expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
          expect(['403 last_administrator', '403 account_blocked']).toContain(
            answers.filter(({ status }) => status !== 200).map(refusal)[0],
          );
        } finally {
          await api.sql('UPDATE accounts SET activated = 1 WHERE id = ?', [admin.id]);
        }
        for (const { id } of [one, two]) await api.sql('UPDATE accounts SET activated = 0 WHERE id = ?', [id]);
      }
    });
  });

  describe('A blocked account', () => {
    it('is told so once its credentials are right, and nothing otherwise', async () => {
      const account = await api.given.account({ stored: ['MD5', 'SHA-256'] });
      await block(account.id);
      for (const algorithm of ['MD5', 'SHA-256'] as const)
        expect(refusal(await api.withDigest(account, algorithm).get(ME))).toBe('403 account_blocked');
      expect(refusal(await api.withKey(account).get(ME))).toBe('403 account_blocked');
      expect(refusal(await api.send({ path: ME, headers: { 'x-api-key': account.apiKey ?? '' } }))).toBe(
        '403 account_blocked',
      );
      expect(refusal(await api.withKey({ ...account, apiKey: 'wrong' }).get(ME))).toBe('401 credentials_invalid');
      expect(refusal(await api.withDigest(account, 'SHA-256', 'wrong words').get(ME))).toBe('401 credentials_invalid');
      await unblock(account.id);
      expect((await api.withKey(account).get(ME)).status).toBe(200);
    });

    it('is not activated, to whoever asks for its address', async () => {
      const account = await api.given.account();
      await block(account.id);
      expect((await stranger(api).get(`${PATH}/${account.sip}/info`)).json.activated).toBe(false);
      await unblock(account.id);
      expect((await stranger(api).get(`${PATH}/${account.sip}/info`)).json.activated).toBe(true);
    });

    it('cannot activate itself by its code, and can again afterwards', async () => {
      const account = await api.given.inactiveAccount();
      const activate = (code: string) => stranger(api).post(`${PATH}/${account.sip}/activate/email`, { code });
      await block(account.id);
      expect(refusal(await activate('aZ3kP9sQ1xW7b'))).toBe('403 account_blocked');
      expect(refusal(await activate('bZ3kP9sQ1xW7b'))).toBe('404 activation_code_wrong');
      expect(await columnsOf(account.id)).toEqual({ activated: 0, blocked: 1, before: 0 });
      await unblock(account.id);
      expect((await activate('aZ3kP9sQ1xW7b')).json.activated).toBe(true);
    });

    it('cannot change its e-mail address by a link, and can again afterwards', async () => {
      const account = await api.given.account({ email: 'old@example.org' });
      await requestEmail(api, account, 'new@example.org');
      const path = confirmationPathOf(api.mails.last);
      await block(account.id);
      expect((await confirmEmail(api, path)).status).toBe(403);
      expect((await rowOf(account.id)).email).toBe('old@example.org');
      await unblock(account.id);
      expect((await confirmEmail(api, path)).status).toBe(200);
      expect((await rowOf(account.id)).email).toBe('new@example.org');
    });

    it('has no session of the panel any more, even after it is unblocked', async () => {
      const account = await api.given.account();
      const visitor = new Visitor(api);
      await visitor.signIn(account);
      expect((await visitor.open('/account/password')).status).toBe(200);
      await block(account.id);
      await visitor.open('/account/password');
      expect(visitor.text).toContain('Sign in');
      await unblock(account.id);
      await visitor.open('/account/password');
      expect(visitor.text).toContain('Sign in');
      await visitor.signIn(account);
      expect((await visitor.open('/account/password')).status).toBe(200);
    });

    it('cannot sign in to the panel, and is told why', async () => {
      const account = await api.given.account();
      await block(account.id);
      expect((await new Visitor(api).signIn(account)).text).toContain('This account is blocked.');
      expect((await new Visitor(api).signIn({ ...account, password: 'wrong words' })).text).not.toContain('blocked');
    });
  });
});
