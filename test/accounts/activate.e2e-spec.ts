import { Api } from '../support/api.js';
import { changedSince } from '../support/new-account.js';
import type { GivenAccount } from '../support/factories.js';
import {
  BEHIND_PROXY,
  postExpectingFault,
  registrationBody,
  secondsUntil,
  stranger,
  uniquePhone,
} from '../support/public-routes.js';
import { REFUSED_BY_TEST, whileRefusing } from '../support/refused-writes.js';
import { refusal } from '../support/refusal.js';

/** Seconds that a test may take between moving the clock and the answer. */
const MARGIN = 5;
const KEY = 'aZ3kP9sQ1xW7b';

describe('POST /accounts/{sip}/activate', () => {
  let api: Api;

  beforeAll(async () => {
    api = await Api.start({ environment: BEHIND_PROXY });
  });
  afterAll(() => api.stop());

  const activate = (how: 'email' | 'phone', sip: string, code: unknown) =>
    stranger(api).post(`/api/accounts/${sip}/activate/${how}`, { code });
  const rowOf = async (id: number) => (await api.sql('SELECT * FROM accounts WHERE id = ?', [id]))[0];
  const isActivated = async ({ id }: { id: number }) => (await rowOf(id)).activated === 1;

  /** An account as an app creates it, with the code that its user has received. */
  async function register(members: { email?: string; phone?: string }) {
    const body = await registrationBody(api, members);
    const { json } = await stranger(api).post('/api/accounts/with-token', body);
    const { confirmation_key: code } = await rowOf(json.id);
    return { id: Number(json.id), sip: `${body.username}@sip.example.org`, code: String(code), created: json, body };
  }

  /** Expects that an activation is complete and has left no pending rows. */
  async function expectDone(id: number): Promise<void> {
    expect(await rowOf(id)).toMatchObject({ activated: 1, confirmation_key: null });
    for (const table of ['activation_expirations', 'phone_change_codes'])
      expect(await api.count(table, 'account_id = ?', [id])).toBe(0);
  }

  describe('by email', () => {
    it('answers the account, activated, its code and expiry gone', async () => {
      const { id, sip, created } = await register({ email: 'john@example.org' });
      const { last } = api.mails;
      const answer = await activate('email', sip, 'code' in last ? last.code : '');
      expect(answer.status).toBe(200);
      expect(answer.json).toEqual(changedSince({ ...created, activated: true, confirmation_key_expires: null }));
      await expectDone(id);
      expect(await rowOf(id)).toMatchObject({ email: 'john@example.org', phone: null });
    });

    it('lets the account sign in', async () => {
      const { id, sip, code, body } = await register({ email: 'john@example.org' });
      const account: GivenAccount = {
        ...body,
        id,
        sip,
        domain: 'sip.example.org',
        from: `sip:${sip}`,
        algorithms: ['SHA-256'],
      };
      expect(refusal(await api.withDigest(account).get('/api/accounts/me'))).toBe('403 account_not_activated');
      await activate('email', sip, code);
      expect((await api.withDigest(account).get('/api/accounts/me')).json).toMatchObject({ id, activated: true });
    });

    it('takes the code of an administrator, which may have no end', async () => {
      const { id, sip } = await api.given.inactiveAccount({ confirmationKey: KEY });
      expect(await activate('email', sip, KEY)).toMatchObject({ status: 200, json: { id, activated: true } });
      await expectDone(id);
    });

    it('takes the 4 digits of an SMS too, and the phone becomes the account’s', async () => {
      const phone = uniquePhone(api);
      const { id, sip, code } = await register({ phone });
      expect(await activate('email', sip, code)).toMatchObject({ status: 200, json: { activated: true, phone } });
      expect((await rowOf(id)).phone).toBe(phone);
      await expectDone(id);
    });
  });

  describe('by phone', () => {
    it('answers the account with its phone, which is in accounts and aliases from now on', async () => {
      const phone = uniquePhone(api);
      const { id, sip, created } = await register({ phone });
      expect(await rowOf(id)).toMatchObject({ phone: null });
      expect(await api.count('aliases', 'account_id = ?', [id])).toBe(0);

      const answer = await activate('phone', sip, api.messages.last.code);
      expect(answer.status).toBe(200);
      expect(answer.json).toEqual(
        changedSince({ ...created, activated: true, phone, confirmation_key_expires: null, phone_change_code: null }),
      );
      await expectDone(id);
      expect((await rowOf(id)).phone).toBe(phone);
      expect(await api.sql('SELECT alias, domain FROM aliases WHERE account_id = ?', [id])).toEqual([
        { alias: phone, domain: 'sip.example.org' },
      ]);
    });

    it('has the number be the account’s own username, too', async () => {
      const phone = uniquePhone(api);
      const { id, sip, code } = await register({ phone });
      await api.sql('UPDATE accounts SET username = ? WHERE id = ?', [phone, id]);
      expect(await activate('phone', sip.replace(/^[^@]+/, encodeURIComponent(phone)), code)).toMatchObject({
        status: 200,
        json: { phone },
      });
    });

    it.each([
      ['phone', (phone: string) => api.given.account({ phone })],
      ['username', (phone: string) => api.given.inactiveAccount({ username: phone })],
    ])('refuses a number that is somebody’s %s meanwhile, and changes nothing', async (_, take) => {
      const phone = uniquePhone(api);
      const { id, sip, code } = await register({ phone });
      const other = await take(phone);
      for (const how of ['phone', 'email'] as const)
        expect(refusal(await activate(how, sip, code))).toBe('422 phone_taken phone');
      expect(await rowOf(id)).toMatchObject({ activated: 0, phone: null, confirmation_key: code });
      expect(await api.count('aliases', 'account_id = ?', [id])).toBe(0);

      await api.sql('DELETE FROM accounts WHERE id = ?', [other.id]);
      expect(await activate('phone', sip, code)).toMatchObject({ status: 200, json: { phone, activated: true } });
    });

    it('gives it the number it waits for itself, though another account waits for one by the same code', async () => {
      const [first, second] = [uniquePhone(api), uniquePhone(api)];
      const [other, { id, sip }] = [await register({ phone: first }), await register({ phone: second })];
      await api.sql("UPDATE accounts SET confirmation_key = '4711' WHERE id IN (?, ?)", [other.id, id]);
      await api.sql("UPDATE phone_change_codes SET code = '4711' WHERE account_id IN (?, ?)", [other.id, id]);
      expect(await activate('phone', sip, '4711')).toMatchObject({ status: 200, json: { id, phone: second } });
    });

    it('does not give it a number that waits for another code', async () => {
      const { id, sip } = await api.given.inactiveAccount({ confirmationKey: KEY });
      const waiting = [id, uniquePhone(api), '4711', api.given.moment()];
      await api.sql(
        'INSERT INTO phone_change_codes (account_id, phone, code, created_at) VALUES (?, ?, ?, ?)',
        waiting,
      );
      expect(await activate('email', sip, KEY)).toMatchObject({ status: 200, json: { id, phone: null } });
      await expectDone(id);
    });

    it('takes a number that is somebody’s in another domain', async () => {
      const phone = uniquePhone(api);
      const { sip, code } = await register({ phone });
      await api.given.account({ phone, domain: 'other.example.org' });
      expect(await activate('phone', sip, code)).toMatchObject({ status: 200, json: { phone } });
    });

    it('leaves the account as it was if the number cannot be stored', async () => {
      const phone = uniquePhone(api);
      const { id, sip, code } = await register({ phone });
      const answer = await whileRefusing(api, 'INSERT', 'aliases', () =>
        postExpectingFault(api, `/api/accounts/${sip}/activate/phone`, { code }),
      );
      expect(refusal(answer)).toBe('500 internal_error');
      expect(answer.text).not.toContain(REFUSED_BY_TEST);
      expect(await rowOf(id)).toMatchObject({ activated: 0, phone: null, confirmation_key: code });
      expect(await activate('phone', sip, code)).toMatchObject({ status: 200, json: { phone, activated: true } });
    });
  });

  describe('until it expires', () => {
    it.each([
      ['email', { email: 'john@example.org' }],
      ['phone', { phone: '+33612340001' }],
    ] as const)('takes the code by %s until the moment that the account shows', async (how, members) => {
      const [early, late] = [await register(members), await register(members)];
      api.clock.advance(secondsUntil(api, early.created.confirmation_key_expires) - MARGIN);
      expect((await activate(how, early.sip, early.code)).status).toBe(200);
      if (how === 'phone') await api.sql('DELETE FROM accounts WHERE id = ?', [early.id]);

      api.clock.advance(secondsUntil(api, late.created.confirmation_key_expires) + 1);
      expect(refusal(await activate(how, late.sip, late.code))).toBe('403 activation_expired');
      expect(await rowOf(late.id)).toMatchObject({ activated: 0, phone: null, confirmation_key: late.code });
    });

    it('answers a wrong code with 404 and the right one with 403 when it is over', async () => {
      const { sip, id } = await api.given.inactiveAccount({ confirmationKey: KEY, confirmationExpiresIn: -1 });
      expect(refusal(await activate('email', sip, 'bbbbbbbbbbbbb'))).toBe('404 activation_code_wrong');
      expect(refusal(await activate('email', sip, KEY))).toBe('403 activation_expired');
      expect(await isActivated({ id })).toBe(false);
    });

    it('takes a code until the moment that an administrator has set', async () => {
      const admin = await api.given.admin();
      const body = { username: api.given.unique('vouched'), password: 'secret words', algorithm: 'MD5' };
      const expires = api.given.moment(60);
      const { json } = await api.withKey(admin).post('/api/accounts', { ...body, confirmation_key_expires: expires });
      api.clock.advance(61);
      const code = json.confirmation_key;
      expect(refusal(await activate('email', `${body.username}@sip.example.org`, code))).toBe('403 activation_expired');
    });
  });

  describe('refuses', () => {
    it('a wrong code, and any code of an account that does not exist', async () => {
      const account = await api.given.inactiveAccount({ confirmationKey: KEY });
      expect(refusal(await activate('email', account.sip, 'bbbbbbbbbbbbb'))).toBe('404 activation_code_wrong');
      expect(refusal(await activate('phone', account.sip, '1234'))).toBe('404 activation_code_wrong');
      expect(await isActivated(account)).toBe(false);
      for (const how of ['email', 'phone'] as const) {
        expect(refusal(await activate(how, 'nobody@sip.example.org', '1234'))).toMatch(
          /^404 (account_not_found|activation_code_wrong)$/,
        );
      }
    });

    it('a code in the same words whether the account exists or not', async () => {
      const { sip } = await api.given.inactiveAccount();
      const [known, unknown] = [
        await activate('phone', sip, '0000'),
        await activate('phone', 'nobody2@sip.example.org', '0000'),
      ];
      expect(known.text).toBe(unknown.text);
    });

    it.each(['AZ3KP9SQ1XW7B', 'az3kp9sq1xw7b', 'aZ3kP9sQ1xW7B'])('a code in another case: %s', async (code) => {
      const account = await api.given.inactiveAccount({ confirmationKey: KEY });
      expect(refusal(await activate('email', account.sip, code))).toBe('404 activation_code_wrong');
      expect(await isActivated(account)).toBe(false);
    });

    it.each(['0000000001234', '1234e00000000', '0123400000000', '1234000000000'])(
      'a code that is the right one as a number only: %s',
      async (code) => {
        const account = await api.given.inactiveAccount({ confirmationKey: '1234' });
        expect(refusal(await activate('email', account.sip, code))).toBe('404 activation_code_wrong');
        expect(await isActivated(account)).toBe(false);
      },
    );

    it.each([
      'Exact.User@sip.example.org',
      'exact.user%20@sip.example.org',
      'ex%C3%A1ct.user@sip.example.org',
      'exact.user@SIP.example.org',
    ])('the right code for a name that is not quite the account’s: %s', async (sip) => {
      await api.sql('DELETE FROM accounts WHERE username = ?', ['exact.user']);
      const account = await api.given.inactiveAccount({ username: 'exact.user', confirmationKey: KEY });
      expect(refusal(await activate('email', sip, KEY))).toMatch(/^404 /);
      expect(await isActivated(account)).toBe(false);
      expect((await activate('email', 'exact%2Euser%40sip.example.org', KEY)).status).toBe(200);
    });

    it('a code for the second time, and every code of an account that waits for none', async () => {
      const { sip, code } = await register({ email: 'john@example.org' });
      expect((await activate('email', sip, code)).status).toBe(200);
      expect(refusal(await activate('email', sip, code))).toBe('404 activation_code_wrong');
      const without = await register({});
      for (const guess of ['null', '0000', 'undefined0000'])
        expect((await activate('email', without.sip, guess)).status).not.toBe(200);
      expect(await isActivated(without)).toBe(false);
    });

    it('a 4-digit prefix of a longer code, and the code of another account', async () => {
      const one = await api.given.inactiveAccount({ confirmationKey: '1234abcdefghi' });
      expect(refusal(await activate('phone', one.sip, '1234'))).toBe('404 activation_code_wrong');
      const other = await api.given.inactiveAccount({ confirmationKey: KEY });
      expect(refusal(await activate('email', one.sip, KEY))).toBe('404 activation_code_wrong');
      expect([await isActivated(one), await isActivated(other)]).toEqual([false, false]);
    });
  });
});
