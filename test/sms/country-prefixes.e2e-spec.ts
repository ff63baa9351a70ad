import { Api } from '../support/api.js';
import { FakeHttpService } from '../support/external/fake-http-service.js';
import { NOTHING_LEFT, tracesOf } from '../support/public-routes.js';
import { refusal } from '../support/refusal.js';
import { activate, codeIn, confirmPhone, requestPhone, signUp, usableCodes } from './phone-routes.js';

const REFUSED = '422 validation_failed phone';

describe('SMS_COUNTRY_PREFIXES', () => {
  let gateway: FakeHttpService;
  let api: Api;

  const start = async (environment: Record<string, string>) => {
    api = await Api.start({
      environment: {
        RATE_LIMITS: 'off',
        SMS_DRIVER: 'http',
        SMS_HTTP_URL: `${gateway.origin}/?to={phone}&text={message}`,
        ...environment,
      },
      real: ['sms'],
    });
  };

  beforeAll(async () => {
    gateway = await FakeHttpService.start();
  });
  beforeEach(() => gateway.forget());
  afterAll(() => gateway.stop());

  describe('of +33 and +1202', () => {
    beforeAll(() => start({ SMS_COUNTRY_PREFIXES: ' +33 ,+1202' }));
    afterAll(() => api.stop());

    it.each(['+33612345678', '+12025550123'])('let %s have a code, and prove itself', async (phone) => {
      const account = await api.given.account();
      expect((await requestPhone(api, account, phone)).status).toBe(200);
      expect((await confirmPhone(api, account, codeIn(gateway.last.query.get('text')))).json.phone).toBe(phone);
    });

    it.each(['+33612345679', '+12025550124'])('let a new account with %s have one', async (phone) => {
      const { body, answer } = await signUp(api, phone);
      expect(answer.status).toBe(200);
      expect((await activate(api, body.username, codeIn(gateway.last.query.get('text')))).json).toMatchObject({
        activated: true,
        phone,
      });
    });

    const others = [
      '+12125550123',
      '+1202',
      '+34612345678',
      '+35612345678',
      '+3',
      '+44733612345',
      '33612345678',
      '0033612345678',
      ' +33612345678',
    ];

    it.each(others)('refuse %j before anything is sent or stored', async (phone) => {
      const account = await api.given.account();
      const before = await usableCodes(api);
      const answer = await requestPhone(api, account, phone);
      expect(refusal(answer)).toBe(REFUSED);
      expect(answer.json.errors.phone).toHaveLength(1);
      expect(gateway.requests).toEqual([]);
      expect(await usableCodes(api)).toBe(before);
    });

    it.each(others)('refuse a new account with %j, and leave its token', async (phone) => {
      const { body, answer } = await signUp(api, phone);
      expect(refusal(answer)).toBe(REFUSED);
      expect(gateway.requests).toEqual([]);
      expect(await tracesOf(api, body)).toEqual(NOTHING_LEFT);
      const { phone: _phone, ...without } = body;
      expect((await api.anonymous().post('/api/accounts/with-token', without)).status).toBe(200);
    });

    it('say whether it is the form or the country that is refused', async () => {
      const account = await api.given.account();
      const wordsFor = async (phone: string) => (await requestPhone(api, account, phone)).json.errors.phone;
      expect(await wordsFor('0612345678')).toEqual([
        'phone must be a phone number in international format, like +33612345678',
      ]);
      expect(await wordsFor('+34612345678')).toEqual(['phone must be in a country that this service sends codes to']);
    });

    it('do not concern whether a number is taken: that is told of allowed ones alone', async () => {
      await api.given.account({ phone: '+34699999999' });
      expect(refusal(await requestPhone(api, await api.given.account(), '+34699999999'))).toBe(REFUSED);
    });

    it('do not concern an administrator, who vouches', async () => {
      const admin = api.withKey(await api.given.admin());
      const phone = '+34612345670';
      const made = await admin.post('/api/accounts', {
        username: api.given.unique('abroad'),
        password: 'correct horse',
        algorithm: 'SHA-256',
        activated: true,
        phone,
      });
      expect(made).toMatchObject({ status: 200, json: { phone } });
      expect(gateway.requests).toEqual([]);
    });

    it('let an earlier code of a country that is none of them be used', async () => {
      const account = await api.given.account();
      const now = api.given.moment();
      await api.sql(
        'INSERT INTO phone_change_codes (account_id, phone, code, created_at, updated_at) VALUES (?, ?, ?, ?, ?)',
        [account.id, '+34612345671', '2718', now, now],
      );
      expect((await confirmPhone(api, account, '2718')).json.phone).toBe('+34612345671');
    });
  });

  it('not set, send to all countries', async () => {
    await start({});
    try {
      for (const phone of ['+12125550123', '+34612345678', '+998901234567']) {
        expect((await requestPhone(api, await api.given.account(), phone)).status).toBe(200);
      }
      expect(gateway.requests.map(({ query }) => query.get('to'))).toEqual([
        '+12125550123',
        '+34612345678',
        '+998901234567',
      ]);
    } finally {
      await api.stop();
    }
  });
});
