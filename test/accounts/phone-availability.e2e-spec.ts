import { Api } from '../support/api.js';
import type { GivenAccount } from '../support/factories.js';
import { refusal, tally } from '../support/refusal.js';

const CONFIRM = '/api/accounts/me/phone';
const REQUEST = `${CONFIRM}/request`;

describe('A new phone number', () => {
  let api: Api;
  let serial = 0;

  beforeAll(async () => {
    api = await Api.start({ environment: { RATE_LIMITS: 'off' } });
  });
  afterAll(() => api.stop());

  const freshNumber = () => `+337${String(++serial).padStart(8, '0')}`;
  const request = (account: GivenAccount, phone: unknown) => api.withKey(account).post(REQUEST, { phone });
  const confirm = (account: GivenAccount, code: unknown) => api.withKey(account).post(CONFIRM, { code });

  async function requested(account: GivenAccount, phone: string): Promise<string> {
    expect((await request(account, phone)).status).toBe(200);
    return api.messages.last.code;
  }

  describe('when it is requested,', () => {
    const refusedWithoutSms = async (account: GivenAccount, phone: string) => {
      const before = api.messages.attempts;
      expect(refusal(await request(account, phone))).toBe('422 phone_taken phone');
      expect(api.messages.attempts).toBe(before);
    };

    it('is refused, and nothing is sent, if it is the phone of another account', async () => {
      const phone = freshNumber();
      await api.given.account({ phone });
      await refusedWithoutSms(await api.given.account(), phone);
    });

    it('is refused, and nothing is sent, if it is the phone of an account that is not activated', async () => {
      const phone = freshNumber();
      await api.given.inactiveAccount({ phone });
      await refusedWithoutSms(await api.given.account(), phone);
    });

    it('is refused, and nothing is sent, if it is the username of another account', async () => {
      const phone = freshNumber();
      await api.given.account({ username: phone });
      await refusedWithoutSms(await api.given.account(), phone);
    });

    it('is taken if accounts of other domains have it', async () => {
      const phone = freshNumber();
      await api.given.account({ phone, domain: 'other.example.org' });
      await api.given.account({ username: phone, domain: 'third.example.org' });
      const account = await api.given.account();
      expect((await confirm(account, await requested(account, phone))).json.phone).toBe(phone);
    });

    it('is taken if another account only waits to confirm it', async () => {
      const phone = freshNumber();
      const [first, second] = [await api.given.account(), await api.given.account()];
      await requested(first, phone);
      expect((await confirm(second, await requested(second, phone))).json.phone).toBe(phone);
    });
  });

  describe('is 422 with errors.phone when it was taken in the meantime', () => {
    it('by another account’s phone', async () => {
      const phone = freshNumber();
      const account = await api.given.account();
      const code = await requested(account, phone);
      await api.given.account({ phone });
      expect(refusal(await confirm(account, code))).toBe('422 phone_taken phone');
      expect(await api.sql('SELECT phone FROM accounts WHERE id = ?', [account.id])).toEqual([{ phone: null }]);
      expect(await api.count('aliases', 'alias = ?', [phone])).toBe(1);
    });

    it('by another account’s username, and the old number stays', async () => {
      const [old, phone] = [freshNumber(), freshNumber()];
      const account = await api.given.account({ phone: old });
      const code = await requested(account, phone);
      await api.given.account({ username: phone });
      expect(refusal(await confirm(account, code))).toBe('422 phone_taken phone');
      expect(await api.sql('SELECT phone FROM accounts WHERE id = ?', [account.id])).toEqual([{ phone: old }]);
      expect(await api.sql('SELECT alias FROM aliases WHERE account_id = ?', [account.id])).toEqual([{ alias: old }]);
    });

    it('by one of several accounts that confirm it at the same time', async () => {
      const phone = freshNumber();
      const accounts: [GivenAccount, string][] = [];
      for (let index = 0; index < 8; index++) {
        const account = await api.given.account();
        accounts.push([account, await requested(account, phone)]);
      }
      const answers = await Promise.all(accounts.map(([account, code]) => confirm(account, code)));
      expect(tally(answers)).toEqual({ 200: 1, '422 phone_taken phone': 7 });
      expect(await api.count('aliases', 'alias = ?', [phone])).toBe(1);
      expect(await api.count('accounts', 'phone = ?', [phone])).toBe(1);
    });

    it('by a username that is created at the same time: one of both has it', async () => {
      const admin = await api.given.admin();
      for (let round = 0; round < 5; round++) {
        const phone = freshNumber();
        const account = await api.given.account();
        const code = await requested(account, phone);
        const body = { username: phone, password: 'secret words', algorithm: 'MD5' };
        const [confirmed, created] = await Promise.all([
          confirm(account, code),
          api.withKey(admin).post('/api/accounts', body),
        ]);
        expect([confirmed.status, created.status].toSorted()).toEqual([200, 422]);
        if (confirmed.status === 422) expect(refusal(confirmed)).toBe('422 phone_taken phone');
        else expect(refusal(created)).toBe('422 username_taken username');
      }
    });
  });

  it.each([
    ['missing', undefined],
    ['null', null],
    ['empty', ''],
    ['a number', 33612345678],
    ['a list', ['+33612345678']],
    ['an object', {}],
    ['without plus', '33612345678'],
    ['with a zero behind the plus', '+03361234567'],
    ['with blanks', '+33 6 12 34 56 78'],
    ['with a blank before', ' +33612345678'],
    ['with a line end', '+33612345678\n'],
    ['longer than 15 digits', '+3361234567890123'],
    ['of letters', '+336abcdefgh'],
    ['of other digits', '+٣٣٦١٢٣٤٥٦٧٨'],
    ['a plus alone', '+'],
  ])('that is %s is refused, and nothing is sent', async (_name, phone) => {
    const account = await api.given.account();
    const before = api.messages.attempts;
    expect(refusal(await request(account, phone))).toBe('422 validation_failed phone');
    expect(api.messages.attempts).toBe(before);
  });

  it('of 15 digits is taken', async () => {
    expect((await request(await api.given.account(), '+336123456789012')).status).toBe(200);
  });

  describe.each([
    [REQUEST, 'phone', { phone: '+33699999999' }],
    [CONFIRM, 'code', { code: '1234' }],
  ])('POST %s refuses', (path, member, body) => {
    it('a call without a body', async () => {
      const account = await api.given.account();
      expect(refusal(await api.withKey(account).post(path))).toBe(`422 validation_failed ${member}`);
      expect(refusal(await api.withKey(account).post(path, {}))).toBe(`422 validation_failed ${member}`);
    });

    it('its member in the query', async () => {
      const answer = await api
        .withKey(await api.given.account())
        .post(`${path}?${new URLSearchParams(body as Record<string, string>)}`, {});
      expect(refusal(answer)).toBe(`422 validation_failed ${member}`);
    });

    it('a caller without credentials', async () => {
      const { from } = await api.given.account();
      const answer = await api.anonymous().send({ method: 'POST', path, headers: { from } });
      expect(refusal(answer)).toBe('401 authentication_required');
    });

    it('an account that is not activated', async () => {
      const turnedOff = await api.given.account({ activated: false });
      expect(refusal(await api.withKey(turnedOff).post(path, body))).toBe('403 account_not_activated');
      const waiting = await api.given.inactiveAccount();
      expect(refusal(await api.withKey(waiting).post(path, body))).toBe('403 account_unvalidated');
    });

    it('GET', async () => {
      const answer = await api.withKey(await api.given.account()).get(path);
      expect(refusal(answer)).toBe('405 method_not_allowed');
      expect(answer.headers.allow).toBe('POST');
    });
  });

  it('cannot be confirmed by an account that has requested none', async () => {
    expect(refusal(await confirm(await api.given.account(), '1234'))).toBe('404 phone_code_not_requested');
  });
});
