import { Api } from '../support/api.js';
import type { GivenAccount } from '../support/factories.js';
import { refusal, tally } from '../support/refusal.js';
import { faultOf, whileRefusing } from '../support/refused-writes.js';

const CONFIRM = '/api/accounts/me/phone';
const REQUEST = `${CONFIRM}/request`;

describe('Changing the phone number', () => {
  let api: Api;
  let serial = 0;

  beforeAll(async () => {
    api = await Api.start({ environment: { RATE_LIMITS: 'off' } });
  });
  afterAll(() => api.stop());

  const freshNumber = () => `+336${String(++serial).padStart(8, '0')}`;
  const request = (account: GivenAccount, phone: unknown) => api.withKey(account).post(REQUEST, { phone });
  const confirm = (account: GivenAccount, code: unknown) => api.withKey(account).post(CONFIRM, { code });
  const other = (code: string) => String((Number(code) + 1) % 10_000).padStart(4, '0');

  /** The places where the databases of old and new Flexisips hold the number of an account. */
  const stored = async ({ id }: GivenAccount) => ({
    phone: (await api.sql('SELECT phone FROM accounts WHERE id = ?', [id]))[0].phone,
    aliases: await api.sql('SELECT alias, domain FROM aliases WHERE account_id = ?', [id]),
  });

  /** Requests a number and returns the code that was sent to it. */
  async function requested(account: GivenAccount, phone: string): Promise<string> {
    expect(await request(account, phone)).toMatchObject({ status: 200, text: '{}' });
    expect(api.messages.last).toEqual({
      kind: 'phone-confirmation',
      to: phone,
      code: expect.stringMatching(/^[0-9]{4}$/),
    });
    return api.messages.last.code;
  }

  it('sends a code of 4 digits to the new number, which changes nothing yet', async () => {
    const account = await api.given.account();
    await requested(account, freshNumber());
    expect(await stored(account)).toEqual({ phone: null, aliases: [] });
    expect((await api.withKey(account).get('/api/accounts/me')).json.phone).toBeNull();
  });

  it('makes the number the account’s by its code, in accounts.phone and in aliases', async () => {
    const account = await api.given.account({ domain: 'other.example.org' });
    const phone = freshNumber();
    const answer = await confirm(account, await requested(account, phone));
    expect(answer.status).toBe(200);
    expect(answer.json).toEqual((await api.withKey(account).get('/api/accounts/me')).json);
    expect(answer.json).toMatchObject({ id: account.id, phone });
    expect(await stored(account)).toEqual({ phone, aliases: [{ alias: phone, domain: 'other.example.org' }] });
  });

  it('replaces the number the account had, which is free again', async () => {
    const [old, fresh] = [freshNumber(), freshNumber()];
    const [account, another] = [await api.given.account({ phone: old }), await api.given.account()];
    expect((await confirm(account, await requested(account, fresh))).json.phone).toBe(fresh);
    expect(await stored(account)).toEqual({ phone: fresh, aliases: [{ alias: fresh, domain: account.domain }] });
    expect((await confirm(another, await requested(another, old))).json.phone).toBe(old);
  });

  it('works by Digest', async () => {
    const account = await api.given.account();
    const phone = freshNumber();
    expect((await api.withDigest(account).post(REQUEST, { phone })).status).toBe(200);
    expect((await api.withDigest(account).post(CONFIRM, { code: api.messages.last.code })).json.phone).toBe(phone);
  });

  it.each([
    ['INSERT', 'aliases'],
    ['UPDATE', 'accounts'],
  ] as const)('writes accounts.phone and aliases together or not at all: %s of %s fails', async (event, table) => {
    const old = freshNumber();
    const account = await api.given.account({ phone: old });
    const code = await requested(account, freshNumber());
    await whileRefusing(api, event, table, async () => {
      expect(await faultOf(confirm(account, code))).toBe('internal_error');
    });
    expect(await stored(account)).toEqual({ phone: old, aliases: [{ alias: old, domain: account.domain }] });
  });

  describe('takes three tries per code', () => {
    it('a wrong code is 403, and the right one is still accepted after two', async () => {
      const account = await api.given.account();
      const phone = freshNumber();
      const code = await requested(account, phone);
      for (const _ of [1, 2]) expect(refusal(await confirm(account, other(code)))).toBe('403 phone_code_wrong');
      expect((await confirm(account, code)).json.phone).toBe(phone);
    });

    it('the third wrong code ends the pending one', async () => {
      const account = await api.given.account();
      const code = await requested(account, freshNumber());
      for (const _ of [1, 2, 3]) expect(refusal(await confirm(account, other(code)))).toBe('403 phone_code_wrong');
      expect(refusal(await confirm(account, code))).toBe('404 phone_code_not_requested');
      expect(await stored(account)).toEqual({ phone: null, aliases: [] });
    });

    it('a right code is spent', async () => {
      const account = await api.given.account();
      const code = await requested(account, freshNumber());
      expect((await confirm(account, code)).status).toBe(200);
      expect(refusal(await confirm(account, code))).toBe('404 phone_code_not_requested');
    });

    it('a request that follows at once sends the same code, whose tries go on', async () => {
      const account = await api.given.account();
      const phone = freshNumber();
      const code = await requested(account, phone);
      expect(refusal(await confirm(account, other(code)))).toBe('403 phone_code_wrong');
      api.clock.advance(29);
      expect(await requested(account, phone)).toBe(code);
      for (const _ of [1, 2]) expect(refusal(await confirm(account, other(code)))).toBe('403 phone_code_wrong');
      expect(refusal(await confirm(account, code))).toBe('404 phone_code_not_requested');
    });

    it('a request 30 s later draws another code', async () => {
      const account = await api.given.account();
      const phone = freshNumber();
      const codes = new Set<string>();
      for (let count = 0; count < 4; count += 1) {
        codes.add(await requested(account, phone));
        api.clock.advance(30);
      }
      expect(codes.size).toBeGreaterThan(1);
    });

    it('a newer code replaces the older one', async () => {
      const account = await api.given.account();
      const [first, second] = [freshNumber(), freshNumber()];
      await requested(account, first);
      const code = await requested(account, second);
      expect(await api.count('phone_change_codes', 'account_id = ?', [account.id])).toBe(1);
      expect((await confirm(account, code)).json.phone).toBe(second);
    });

    it('of twenty wrong guesses at once three are judged, and the right code is too late', async () => {
      const account = await api.given.account();
      const code = await requested(account, freshNumber());
      const guesses = Array.from({ length: 20 }, (_, index) =>
        String((Number(code) + index + 1) % 10_000).padStart(4, '0'),
      );
      const answers = await Promise.all(guesses.map((guess) => confirm(account, guess)));
      expect(tally(answers)).toEqual({ '403 phone_code_wrong': 3, '404 phone_code_not_requested': 17 });
      expect(refusal(await confirm(account, code))).toBe('404 phone_code_not_requested');
    });

    it('of twenty right codes at once one succeeds', async () => {
      const account = await api.given.account();
      const code = await requested(account, freshNumber());
      const answers = await Promise.all(Array.from({ length: 20 }, () => confirm(account, code)));
      expect(tally(answers)).toEqual({ 200: 1, '404 phone_code_not_requested': 19 });
    });

    it('what is no code at all ends nothing', async () => {
      const account = await api.given.account();
      const code = await requested(account, freshNumber());
      for (const shapeless of [
        undefined,
        null,
        Number(code),
        `${code}0`,
        '12',
        '',
        'abcd',
        ` ${code}`,
        `${code}\n`,
        '１２３４',
        [code],
        { code },
        true,
      ]) {
        expect(refusal(await confirm(account, shapeless))).toBe('422 validation_failed code');
      }
      expect((await confirm(account, code)).status).toBe(200);
    });

    it('another account’s code is nobody else’s', async () => {
      const [account, stranger] = [await api.given.account(), await api.given.account()];
      const code = await requested(account, freshNumber());
      expect(refusal(await confirm(stranger, code))).toBe('404 phone_code_not_requested');
      expect((await confirm(account, code)).status).toBe(200);
    });
  });

  describe('in time', () => {
    it('takes a code shortly before its 10 minutes are over', async () => {
      const account = await api.given.account();
      const code = await requested(account, freshNumber());
      api.clock.advance(597);
      expect((await confirm(account, code)).status).toBe(200);
    });

    it('refuses it with 403 when they are over, which ends it', async () => {
      const account = await api.given.account();
      const code = await requested(account, freshNumber());
      api.clock.advance(600);
      expect(refusal(await confirm(account, code))).toBe('403 phone_code_expired');
      expect(refusal(await confirm(account, code))).toBe('404 phone_code_not_requested');
      expect(await stored(account)).toEqual({ phone: null, aliases: [] });
    });

    it('counts from the newest request', async () => {
      const account = await api.given.account();
      await requested(account, freshNumber());
      api.clock.advance(590);
      const code = await requested(account, freshNumber());
      api.clock.advance(590);
      expect((await confirm(account, code)).status).toBe(200);
    });
  });

  describe('with an SMS that is not delivered', () => {
    it.each(['fail', 'break'] as const)(
      'answers 503 and leaves the earlier code as it was, should the gateway %s',
      async (mishap) => {
        const account = await api.given.account();
        const first = freshNumber();
        const code = await requested(account, first);
        api.messages[mishap]();
        try {
          expect(refusal(await request(account, freshNumber()))).toBe('503 sms_not_delivered');
        } finally {
          api.messages.recover();
        }
        expect((await confirm(account, code)).json.phone).toBe(first);
      },
    );

    it('leaves no code where there was none', async () => {
      const account = await api.given.account();
      api.messages.fail();
      try {
        expect(refusal(await request(account, freshNumber()))).toBe('503 sms_not_delivered');
      } finally {
        api.messages.recover();
      }
      expect(refusal(await confirm(account, '1234'))).toBe('404 phone_code_not_requested');
      expect(await api.count('phone_change_codes', 'account_id = ?', [account.id])).toBe(0);
    });
  });
});
