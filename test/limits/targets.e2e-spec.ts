import { Api } from '../support/api.js';
import type { GivenAccount } from '../support/factories.js';
import { ME } from '../support/http.js';
import { range, uniquePhone } from '../support/public-routes.js';
import { refusal, tally } from '../support/refusal.js';
import { from, LIMITED, newAddress, retryAfter, TOO_MANY } from './callers.js';

const HOUR = 3_600;

describe('The limits of an account and of what it sends to', () => {
  let api: Api;
  let alice: GivenAccount;

  beforeAll(async () => {
    api = await Api.start({ environment: LIMITED });
  });
  beforeEach(async () => {
    alice = await api.given.account({ email: 'alice@example.org' });
  });
  afterAll(() => api.stop());

  /** Posts as an account, each time from another address: no limit per source address is met. */
  const post = (path: string, body: unknown, account = alice) =>
    from(api, newAddress(), account).post(`${ME}/${path}`, body);
  const uniqueMail = () => `${api.given.unique('new')}@example.org`;

  describe.each([
    ['email', () => ({ email: uniqueMail() }), () => api.mails],
    ['phone', () => ({ phone: uniquePhone(api) }), () => api.messages],
  ])('%s/request', (what, body, outbox) => {
    const path = `${what}/request`;

    it('sends 5 an hour for an account, of 12 at once too', async () => {
      const before = outbox().attempts;
      expect(tally(await Promise.all(range(12).map(() => post(path, body()))))).toEqual({ 200: 5, [TOO_MANY]: 7 });
      expect(outbox().attempts).toBe(before + 5);
      const refused = await post(path, body());
      expect(retryAfter(refused)).toBeGreaterThan(HOUR - 60);
      expect((await post(path, body(), await api.given.account())).status).toBe(200);
      api.clock.advance(HOUR);
      expect((await post(path, body())).status).toBe(200);
    });

    it('does not count what was not delivered, nor what is not valid', async () => {
      outbox().fail();
      for (const _ of range(6)) expect((await post(path, body())).status).toBe(503);
      outbox().recover();
      for (const _ of range(6)) expect((await post(path, { [what]: 'x' })).status).toBe(422);
      expect(tally(await Promise.all(range(6).map(() => post(path, body()))))).toEqual({ 200: 5, [TOO_MANY]: 1 });
    });

    it('counts nothing for the target where the account has used up its limit', async () => {
      const target = body();
      for (const _ of range(5)) expect((await post(path, body())).status).toBe(200);
      for (const _ of range(5)) expect(refusal(await post(path, target))).toBe(TOO_MANY);
      expect((await post(path, target, await api.given.account())).status).toBe(200);
    });
  });

  it('are 3 mails an hour to one e-mail address, however it is spelled', async () => {
    const name = api.given.unique('victim');
    const spellings = [
      `${name}@example.org`,
      `${name.toUpperCase()}@example.org`,
      `${name}@EXAMPLE.org`,
      `${name}@example.org`,
    ];
    const statuses: number[] = [];
    for (const email of spellings)
      statuses.push((await post('email/request', { email }, await api.given.account())).status);
    expect(statuses).toEqual([200, 200, 200, 429]);
  });

  it('are 5 SMS an hour to one number', async () => {
    const phone = uniquePhone(api);
    const statuses: number[] = [];
    for (const _ of range(6)) statuses.push((await post('phone/request', { phone }, await api.given.account())).status);
    expect(statuses).toEqual([200, 200, 200, 200, 200, 429]);
  });

  it('count requests for numbers that are taken', async () => {
    const phone = uniquePhone(api);
    await api.given.account({ phone });
    for (const _ of range(5)) expect(refusal(await post('phone/request', { phone }))).toBe('422 phone_taken phone');
    expect(refusal(await post('phone/request', { phone: uniquePhone(api) }))).toBe(TOO_MANY);
  });

  describe('of phone codes', () => {
    /** Gives the account a pending code, past the application. */
    const pending = async (code = '2718') => {
      await api.sql('DELETE FROM phone_change_codes WHERE account_id = ?', [alice.id]);
      await api.sql('INSERT INTO phone_change_codes (account_id, code, phone, created_at) VALUES (?, ?, ?, ?)', [
        alice.id,
        code,
        uniquePhone(api),
        api.given.moment(),
      ]);
    };
    const confirm = (code: string) => post('phone', { code });

    it('are 20 failures an hour, not begun anew by another code', async () => {
      for (const _ of range(20)) {
        await pending();
        expect(refusal(await confirm('0000'))).toBe('403 phone_code_wrong');
      }
      await pending();
      expect(refusal(await confirm('2718'))).toBe(TOO_MANY);
      // The code has not been looked at, and waits.
      expect(await api.count('phone_change_codes', 'account_id = ?', [alice.id])).toBe(1);
      api.clock.advance(HOUR);
      await pending();
      expect((await confirm('2718')).status).toBe(200);
    });

    it('do not count right ones, nor calls without a code', async () => {
      for (const _ of range(25)) expect(refusal(await confirm('0000'))).toBe('404 phone_code_not_requested');
      for (const _ of range(25)) {
        await pending();
        expect((await confirm('2718')).status).toBe(200);
      }
    });
  });

  describe('of old passwords', () => {
    const change = (old_password?: string) =>
      post('password', { algorithm: 'SHA-256', password: alice.password, old_password });

    it('are 10 failures in 10 minutes, of 30 at once too', async () => {
      const answers = await Promise.all(range(30).map(() => change('wrong')));
      expect(tally(answers)).toEqual({ '422 old_password_wrong old_password': 10, [TOO_MANY]: 20 });
      const refused = await change(alice.password);
      expect(refusal(refused)).toBe(TOO_MANY);
      expect(retryAfter(refused)).toBeLessThanOrEqual(600);
      api.clock.advance(600);
      expect((await change(alice.password)).status).toBe(200);
    });

    it('do not count right ones, nor missing ones', async () => {
      for (const _ of range(12)) expect((await change(alice.password)).status).toBe(200);
      for (const _ of range(12)) expect(refusal(await change())).toBe('422 old_password_wrong old_password');
      expect((await change(alice.password)).status).toBe(200);
    });
  });
});
