import { rowsOf } from '../support/account-rows.js';
import { Api, type Client } from '../support/api.js';
import type { GivenAccount } from '../support/factories.js';
import type { Answer } from '../support/http.js';
import { confirmationPathOf, confirmEmail, requestEmail, WITHOUT_LIMITS } from '../support/mail-routes.js';
import { range, registrationBody, stranger, tracesOf, uniquePhone } from '../support/public-routes.js';
import { tally } from '../support/refusal.js';
import { report, sizes } from './sizes.js';

/** The number of concurrent calls. */
const AT_ONCE = 20;
const WITH_TOKEN = '/api/accounts/with-token';
const rounds = range(sizes.raceRounds);

jest.setTimeout(30_000 + sizes.raceRounds * 500);

describe(`Of ${AT_ONCE} at once`, () => {
  let api: Api;
  let admin: Client;
  const raced = { races: 0, calls: 0 };

  beforeAll(async () => {
    api = await Api.start({ environment: WITHOUT_LIMITS });
    admin = api.withKey(await api.given.admin());
  });
  afterAll(async () => {
    report('races', raced);
    await api.stop();
  });

  /** Makes all calls at once and returns their answers in words. Expects that nothing incomplete is left. */
  async function race(
    calls: readonly (() => Promise<Answer>)[],
  ): Promise<{ answers: Answer[]; outcome: Record<string, number> }> {
    raced.races += 1;
    raced.calls += calls.length;
    const answers = await Promise.all(calls.map((call) => call()));
    const { orphans } = await tracesOf(api, { username: '', token: '' });
    expect(orphans).toBe(0);
    return { answers, outcome: tally(answers) };
  }

  const winners = (answers: readonly Answer[]) =>
    answers.flatMap(({ status }, index) => (status === 200 ? [index] : []));
  const register = (body: unknown) => () => stranger(api).post(WITH_TOKEN, body);

  it.each(rounds)('one redeems a token, round %i', async () => {
    const token = await api.given.token();
    const bodies = await Promise.all(range(AT_ONCE).map(() => registrationBody(api, { token })));
    const { answers, outcome } = await race(bodies.map(register));
    expect(outcome).toEqual({ '200': 1, '422 token_invalid token': AT_ONCE - 1 });
    const [winner] = winners(answers);
    for (const [index, body] of bodies.entries()) {
      expect(await tracesOf(api, body)).toEqual({
        accounts: index === winner ? 1 : 0,
        orphans: 0,
        spentTokens: 1,
        tokens: 1,
      });
    }
  });

  it.each(rounds)('one takes a username, by a token or by an administrator, round %i', async () => {
    const username = api.given.unique('wanted');
    const bodies = await Promise.all(range(AT_ONCE / 2).map(() => registrationBody(api, { username })));
    const create = () => admin.post('/api/accounts', { username, password: 'secret words', algorithm: 'MD5' });
    const { answers, outcome } = await race(bodies.flatMap((body) => [register(body), create]));
    expect(outcome).toEqual({ '200': 1, '422 username_taken username': AT_ONCE - 1 });
    expect(await api.count('accounts', 'username = ?', [username])).toBe(1);
    const id = Number(answers.find(({ status }) => status === 200)?.json.id);
    expect(await api.count('passwords', 'account_id = ?', [id])).toBe(1);
    const tokens = bodies.map(({ token }) => token);
    const spent = await api.count('tokens', `used = 1 AND token IN (${tokens.map(() => '?').join(', ')})`, tokens);
    expect(spent).toBe((winners(answers)[0] ?? 1) % 2 === 0 ? 1 : 0);
  });

  it.each(rounds)('one is activated by a code, round %i', async () => {
    const { id, sip } = await api.given.inactiveAccount({ confirmationExpiresIn: 600 });
    const activate = () => stranger(api).post(`/api/accounts/${sip}/activate/email`, { code: 'aZ3kP9sQ1xW7b' });
    expect((await race(range(AT_ONCE).map(() => activate))).outcome).toEqual({
      '200': 1,
      '404 activation_code_wrong': AT_ONCE - 1,
    });
    expect(await api.count('accounts', 'id = ? AND activated = 1 AND confirmation_key IS NULL', [id])).toBe(1);
    expect(await api.count('activation_expirations', 'account_id = ?', [id])).toBe(0);
  });

  async function withPendingPhone() {
    const account = await api.given.account();
    const phone = uniquePhone(api);
    expect((await api.withKey(account).post('/api/accounts/me/phone/request', { phone })).status).toBe(200);
    const { code } = api.messages.last;
    return {
      account,
      phone,
      code,
      confirm: (guess: string) => api.withKey(account).post('/api/accounts/me/phone', { code: guess }),
    };
  }

  it.each(rounds)('one confirms a phone by its code, round %i', async () => {
    const { account, phone, code, confirm } = await withPendingPhone();
    const { outcome } = await race(range(AT_ONCE).map(() => () => confirm(code)));
    expect(outcome).toEqual({ '200': 1, '404 phone_code_not_requested': AT_ONCE - 1 });
    expect(await api.count('aliases', 'account_id = ? AND alias = ?', [account.id, phone])).toBe(1);
    expect(await api.count('accounts', 'id = ? AND phone = ?', [account.id, phone])).toBe(1);
  });

  it.each(rounds)('three guesses at a phone code are judged, round %i', async () => {
    const { account, code, confirm } = await withPendingPhone();
    const guesses = range(AT_ONCE).map((index) =>
      index === AT_ONCE - 1 ? code : String((Number(code) + index + 1) % 10_000).padStart(4, '0'),
    );
    const {
      '200': right = 0,
      '403 phone_code_wrong': wrong = 0,
      ...others
    } = (await race(guesses.map((guess) => () => confirm(guess)))).outcome;
    // A right guess ends the code, so fewer wrong ones may be judged before it.
    expect(right === 1 ? wrong <= 2 : wrong === 3).toBe(true);
    expect(others).toEqual({ '404 phone_code_not_requested': AT_ONCE - right - wrong });
    expect(await api.count('aliases', 'account_id = ?', [account.id])).toBe(right);
  });

  const changeTo = (account: GivenAccount, password: string, algorithm = 'SHA-256') =>
    api.withKey(account).post('/api/accounts/me/password', { algorithm, password, old_password: account.password });

  it.each(rounds)('one changes the password that all name as the old one, round %i', async () => {
    const account = await api.given.account({ stored: ['MD5', 'SHA-256'] });
    const algorithm = (index: number) => (index % 2 === 0 ? 'MD5' : 'SHA-256');
    const { answers, outcome } = await race(
      range(AT_ONCE).map((index) => () => changeTo(account, `new words ${index}`, algorithm(index))),
    );
    expect(outcome).toEqual({ '200': 1, '422 old_password_wrong old_password': AT_ONCE - 1 });
    expect(await api.count('passwords', 'account_id = ?', [account.id])).toBe(1);
    const winner = winners(answers)[0] ?? 0;
    expect(
      (await api.withDigest(account, algorithm(winner), `new words ${winner}`).get('/api/accounts/me')).status,
    ).toBe(200);
  });

  it.each(rounds)('one confirms a mailed link, round %i', async () => {
    const account = await api.given.account({ email: 'old@example.org' });
    expect((await requestEmail(api, account, 'new@example.org')).status).toBe(200);
    const path = confirmationPathOf(api.mails.last);
    const told = api.mails.delivered.length;
    raced.races += 1;
    raced.calls += AT_ONCE;
    const answers = await Promise.all(range(AT_ONCE).map(() => confirmEmail(api, path)));
    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, ...range(AT_ONCE - 1).map(() => 404)]);
    expect(api.mails.delivered.length - told).toBe(1);
  });

  it.each(rounds)('one token is pushed to a device, round %i', async () => {
    const body = { pn_provider: 'fcm', pn_param: 'project', pn_prid: api.given.unique('device') };
    const { outcome } = await race(range(AT_ONCE).map(() => () => stranger(api).post('/api/tokens', body)));
    expect(outcome).toEqual({ '200': 1, '403 token_already_sent': AT_ONCE - 1 });
    expect(await api.count('tokens', 'pn_prid = ?', [body.pn_prid])).toBe(1);
  });

  it.each(rounds)('one deletes the account, and what others change meanwhile goes with it, round %i', async () => {
    const account = await api.given.account({ email: 'a@example.org', stored: ['MD5'] });
    const me = api.withKey(account);
    const kinds = [
      () => me.delete('/api/accounts/me'),
      () => admin.delete(`/api/accounts/${account.id}`),
      () => changeTo(account, 'new words'),
      () => me.post('/api/accounts/me/phone/request', { phone: uniquePhone(api) }),
      () => me.post('/api/accounts/me/email/request', { email: `${api.given.unique('new')}@example.org` }),
      () => admin.post(`/api/accounts/${account.id}/deactivate`),
      () => admin.post(`/api/accounts/${account.id}/activate`),
      () => me.get('/api/accounts/me'),
    ];
    const calls = range(AT_ONCE).map((index) => kinds[index % kinds.length] as () => Promise<Answer>);
    const { answers, outcome } = await race(calls);
    expect(answers.filter(({ status }, index) => index % kinds.length < 2 && status === 200)).toHaveLength(1);
    const expected = /^(200|404 account_not_found|403 account_not_activated|422 old_password_wrong old_password)$/;
    expect(Object.keys(outcome).filter((kind) => !expected.test(kind))).toEqual([]);
    expect(Object.values(await rowsOf(api, account.id)).reduce((sum, count) => sum + count, 0)).toBe(0);
  });

  it.each(rounds)('all leave an account either activated or not, with its code or without, round %i', async () => {
    const { id, sip } = await api.given.inactiveAccount({ confirmationExpiresIn: 600 });
    const kinds = [
      () => stranger(api).post(`/api/accounts/${sip}/activate/email`, { code: 'aZ3kP9sQ1xW7b' }),
      () => admin.post(`/api/accounts/${id}/activate`),
      () => admin.post(`/api/accounts/${id}/deactivate`),
    ];
    const { outcome } = await race(range(AT_ONCE).map((index) => kinds[index % 3] as () => Promise<Answer>));
    expect(Object.keys(outcome).filter((kind) => !/^(200|404 activation_code_wrong)$/.test(kind))).toEqual([]);
    // The first call used the code, or an administrator removed it. No later call can have restored it.
    expect(await api.count('accounts', 'id = ? AND confirmation_key IS NOT NULL AND activated = 1', [id])).toBe(0);
    expect((await admin.post(`/api/accounts/${id}/activate`)).json).toMatchObject({
      activated: true,
      confirmation_key_expires: null,
    });
  });
});
