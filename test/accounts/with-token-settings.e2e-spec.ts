import { Api } from '../support/api.js';
import { ha1Of } from '../support/digest-client.js';
import { BEHIND_PROXY, registrationBody, secondsUntil, stranger } from '../support/public-routes.js';
import { refusal, tally } from '../support/refusal.js';
import { isOnServer } from '../support/test-database.js';

const PATH = '/api/accounts/with-token';
const REALM = 'Realm Of All';
/** Seconds that a test may take between moving the clock and the answer. */
const MARGIN = 5;

describe('POST /accounts/with-token under the settings of an operator', () => {
  let api: Api;

  beforeAll(async () => {
    api = await Api.start({
      environment: {
        ...BEHIND_PROXY,
        APP_NAME: 'Our Service',
        APP_SIP_DOMAIN: 'one.example.org,two.example.org',
        ACCOUNT_REALM: REALM,
        USERNAME_MIN_LENGTH: '3',
        USERNAME_PATTERN: '[A-Za-z]+[0-9]*',
        TOKEN_LIFETIME: '600',
        ACTIVATION_EMAIL_LIFETIME: '1200',
        ACTIVATION_PHONE_LIFETIME: '300',
      },
    });
  });
  afterAll(() => api.stop());

  const create = (body: unknown) => stranger(api).post(PATH, body);

  it('registers in the first domain by default, and in each of them', async () => {
    expect((await create(await registrationBody(api))).json.domain).toBe('one.example.org');
    for (const domain of ['one.example.org', 'two.example.org']) {
      expect((await create(await registrationBody(api, { domain }))).json.domain).toBe(domain);
    }
    const others = await Promise.all(
      ['three.example.org', 'sip.example.org', 'one.example.org,two.example.org'].map((domain) =>
        registrationBody(api, { domain }),
      ),
    );
    for (const body of others) expect(refusal(await create(body))).toBe('422 validation_failed domain');
  });

  it('has a username once in each domain', async () => {
    const username = api.given.unique('both');
    for (const domain of ['one.example.org', 'two.example.org']) {
      expect((await create(await registrationBody(api, { username, domain }))).status).toBe(200);
      expect(refusal(await create(await registrationBody(api, { username, domain })))).toBe(
        '422 username_taken username',
      );
    }
  });

  it('shows the realm, hashes with it, and tells it in the info, whatever the domain', async () => {
    const body = await registrationBody(api, { domain: 'two.example.org' });
    const { json } = await create(body);
    expect(json.realm).toBe(REALM);
    const password = ha1Of('SHA-256', { ...body, realm: REALM });
    expect(await api.sql('SELECT password FROM passwords WHERE account_id = ?', [json.id])).toEqual([{ password }]);
    const info = await stranger(api).get(`/api/accounts/${body.username}@two.example.org/info`);
    expect(info.json).toEqual({ activated: false, realm: REALM });
  });

  it('names the application where there is no user agent', async () => {
    expect((await create(await registrationBody(api))).json.user_agent).toBe('Our Service');
  });

  it('takes usernames of the set length and pattern only, the whole name', async () => {
    for (const username of ['abc', 'ABCDEF', 'x'.repeat(64), 'Abc123']) {
      expect((await create(await registrationBody(api, { username }))).json.username).toBe(username);
    }
    for (const username of ['ab', '1abc', 'abc1x', 'a.b.c', 'abc\n', 'x'.repeat(65)]) {
      expect(refusal(await create(await registrationBody(api, { username })))).toBe('422 validation_failed username');
    }
  });

  it('takes a name in another case for another name, but where the collation of Flexisip would find both', async () => {
    expect((await create(await registrationBody(api, { username: 'casename' }))).status).toBe(200);
    const twin = await create(await registrationBody(api, { username: 'CaseName' }));
    expect(tally([twin])).toEqual({ [isOnServer ? '422 username_taken username' : '200']: 1 });
    expect((await stranger(api).get('/api/accounts/CaseName@one.example.org/info')).status).toBe(
      isOnServer ? 404 : 200,
    );
  });

  it('takes a token for the set time', async () => {
    const [early, late] = [await registrationBody(api), await registrationBody(api)];
    api.clock.advance(600 - MARGIN);
    expect((await create(early)).status).toBe(200);
    api.clock.advance(MARGIN);
    expect(refusal(await create(late))).toBe('422 token_invalid token');
  });

  it.each([
    ['email', 'john@example.org', 1_200],
    ['phone', '+33612345678', 300],
  ])('has the code by %s expire after the set time', async (member, value, lifetime) => {
    const body = await registrationBody(api, { [member]: value });
    const { json } = await create(body);
    expect(Math.abs(secondsUntil(api, json.confirmation_key_expires) - lifetime)).toBeLessThan(MARGIN);
    const [{ code }] = await api.sql('SELECT confirmation_key AS code FROM accounts WHERE id = ?', [json.id]);
    api.clock.advance(lifetime);
    const activation = await stranger(api).post(`/api/accounts/${body.username}@one.example.org/activate/email`, {
      code,
    });
    expect(refusal(activation)).toBe('403 activation_expired');
  });
});
