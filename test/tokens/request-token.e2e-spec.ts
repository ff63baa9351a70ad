import { Api } from '../support/api.js';
import { range } from '../support/public-routes.js';
import { exchange, pageOf, requestToken, sendForm, validatedToken } from '../support/request-tokens.js';

const HOUR = 3_600;
const SIGN_UP = '/api/accounts/with-account-creation-token';

describe('Request tokens', () => {
  let api: Api;

  beforeAll(async () => (api = await Api.start({ environment: { CAPTCHA_DRIVER: 'none' } })));
  afterAll(() => api.stop());

  const newAccount = (token: string) => ({
    username: api.given.unique('desktop'),
    password: 'secret words',
    algorithm: 'SHA-256',
    account_creation_token: token,
  });

  it('lead the desktop app to an account: it polls until a person has used the page', async () => {
    const token = await requestToken(api);
    expect(token).toMatch(/^[A-Za-z0-9]{32}$/);
    for (let poll = 1; poll <= 3; poll++) {
      const { status, json } = await exchange(api, token);
      expect([status, json.code]).toEqual([404, 'request_token_not_validated']);
      expect(json).not.toHaveProperty('errors');
      api.clock.advance(2);
    }
    expect((await sendForm(api, pageOf(token))).status).toBe(200);
    const exchanged = await exchange(api, token);
    expect(exchanged.status).toBe(201);
    expect(exchanged.json).toEqual({
      token: expect.stringMatching(/^[A-Za-z0-9]{13}$/),
      expire_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
    });
    const body = newAccount(exchanged.json.token);
    const created = await api.anonymous().post(SIGN_UP, body);
    expect(created.status).toBe(200);
    expect(created.json).toMatchObject({ username: body.username, activated: false });
  });

  it('are stored as a hash, and do not appear in the log', async () => {
    const token = await validatedToken(api);
    await exchange(api, token);
    expect(await api.count('flexisip_api_tokens', 'hash = ?', [token])).toBe(0);
    expect(api.log.join('\n')).not.toContain(token);
  });

  it('get the same answer again for a minute, while the account creation token is not used', async () => {
    const token = await validatedToken(api);
    const { json } = await exchange(api, token);
    api.clock.advance(58);
    expect(await exchange(api, token)).toMatchObject({ status: 201, json });
    api.clock.advance(3);
    const late = await exchange(api, token);
    expect(late.status).toBe(422);
    expect(Object.keys(late.json.errors)).toEqual(['account_creation_request_token']);
  });

  it('get no answer again once the account creation token is used', async () => {
    const token = await validatedToken(api);
    const { json } = await exchange(api, token);
    expect((await api.anonymous().post(SIGN_UP, newAccount(json.token))).status).toBe(200);
    expect((await exchange(api, token)).status).toBe(422);
  });

  it.each([
    ['unknown', async () => 'x'.repeat(32)],
    ['of another kind', async () => api.given.token()],
    ['malformed', async () => 'a token? é😀'],
    ['empty', async () => ''],
    ['too long', async () => 'x'.repeat(256)],
    ['a number', async () => 42],
    ['missing', async () => undefined],
    ['a list', async () => ['x']],
    ['half a character', async () => '\ud800'],
    ['expired', () => expired(HOUR + 1)],
    ['expired after its validation', () => expired(HOUR - 1, 2)],
  ])('are refused if they are %s', async (_what, token) => {
    const { status, json } = await exchange(api, await token());
    expect(status).toBe(422);
    expect(Object.keys(json.errors)).toEqual(['account_creation_request_token']);
  });

  /** A token that has expired, perhaps after it was validated. */
  async function expired(until: number, further = 0): Promise<string> {
    const token = await requestToken(api);
    api.clock.advance(until);
    if (further > 0) expect((await sendForm(api, pageOf(token))).status).toBe(200);
    api.clock.advance(further);
    return token;
  }

  it('are exchanged for one account creation token, however many calls there are at once', async () => {
    const token = await validatedToken(api);
    const before = await api.count('tokens');
    const answers = await Promise.all(range(20).map(() => exchange(api, token)));
    expect(answers.map(({ status }) => status)).toEqual(range(20).map(() => 201));
    expect(new Set(answers.map(({ json }) => json.token)).size).toBe(1);
    expect(await api.count('tokens')).toBe(before + 1);
  });

  it('are drawn anew by each of many calls at once', async () => {
    const tokens = await Promise.all(range(20).map(() => requestToken(api)));
    expect(new Set(tokens).size).toBe(20);
  });

  it('are not drawn by a body that is not an object', async () => {
    const before = await api.count('flexisip_api_tokens');
    const headers = { 'content-type': 'application/json' };
    const call = { method: 'POST', path: '/api/account_creation_request_tokens', headers };
    expect((await api.send({ ...call, body: '{' })).status).toBe(400);
    expect(await api.count('flexisip_api_tokens')).toBe(before);
    expect((await api.send({ ...call, body: '{}' })).status).toBe(201);
  });
});

describe('The lifetime of request tokens', () => {
  let api: Api;

  beforeAll(async () => {
    api = await Api.start({ environment: { CAPTCHA_DRIVER: 'none', REQUEST_TOKEN_LIFETIME: '60' } });
  });
  afterAll(() => api.stop());

  it('is a setting', async () => {
    const token = await requestToken(api);
    api.clock.advance(58);
    expect((await exchange(api, token)).status).toBe(404);
    api.clock.advance(3);
    expect((await exchange(api, token)).status).toBe(422);
    expect((await sendForm(api, pageOf(token))).status).toBe(404);
  });
});

describe('The limits of request tokens', () => {
  let api: Api;

  beforeAll(async () => {
    const limits = { LIMIT_REQUEST_TOKENS: '2', LIMIT_USING_REQUEST_TOKENS: '3', LIMIT_REQUEST_TOKEN_PAGES: '4' };
    api = await Api.start({ environment: { CAPTCHA_DRIVER: 'none', RATE_LIMITS: 'on', ...limits } });
  });
  afterAll(() => api.stop());

  it('count calls by source address, each kind for itself', async () => {
    const token = await requestToken(api);
    await requestToken(api);
    const third = await api.send({ method: 'POST', path: '/api/account_creation_request_tokens' });
    expect([third.status, third.json.code]).toEqual([429, 'too_many_attempts']);
    for (let page = 1; page <= 3; page++) expect((await api.send({ path: pageOf(token) })).status).toBe(200);
    expect((await sendForm(api, pageOf(token))).status).toBe(200);
    const page = await sendForm(api, pageOf(token));
    expect(page.status).toBe(429);
    expect(page.headers['content-type']).toBe('text/html; charset=utf-8');
    expect(page.text).toContain('too many attempts');
    for (let call = 1; call <= 3; call++) expect((await exchange(api, token)).status).toBe(201);
    expect((await exchange(api, token)).status).toBe(429);
  });
});
