import { Api } from '../support/api.js';
import { exchange, pageOf, requestToken, sendForm, validatedToken } from '../support/request-tokens.js';
import { Visitor } from '../support/visitor.js';

describe('The page of a request token', () => {
  let api: Api;

  beforeAll(async () => (api = await Api.start({ environment: { CAPTCHA_DRIVER: 'none' } })));
  afterAll(() => api.stop());

  it('proves a person by its button, without scripts and cookies, and then leads back to the app', async () => {
    const token = await requestToken(api);
    const visitor = new Visitor(api);
    const page = await visitor.open(pageOf(token));
    expect(page.status).toBe(200);
    expect(page.text).not.toMatch(/<script|\son\w+=/i);
    expect((await visitor.submit(pageOf(token))).status).toBe(200);
    expect(visitor.text).toContain('Go back to the app');
    expect(visitor.cookies.size).toBe(0);
    expect((await exchange(api, token)).status).toBe(201);
  });

  it('is reached with the path of the public URL, and without it behind a proxy that removes it', async () => {
    const token = await requestToken(api);
    expect((await api.send({ path: `/flexiapi${pageOf(token)}` })).status).toBe(200);
    expect((await sendForm(api, `/flexiapi${pageOf(token)}`)).status).toBe(200);
    expect((await exchange(api, token)).status).toBe(201);
  });

  it.each(['GET', 'HEAD', 'OPTIONS'])('validates nothing by %s', async (method) => {
    const token = await requestToken(api);
    await api.send({ method, path: pageOf(token) });
    expect((await exchange(api, token)).status).toBe(404);
  });

  it('may be used again before the app has exchanged the token', async () => {
    const token = await validatedToken(api);
    const again = [await api.send({ path: pageOf(token) }), await sendForm(api, pageOf(token))];
    for (const { status, text } of again) {
      expect(status).toBe(200);
      expect(text).toContain('Go back to the app');
      expect(text).not.toContain('<form');
    }
    expect((await exchange(api, token)).status).toBe(201);
  });

  it.each([
    ['unknown', async () => 'x'.repeat(32)],
    ['malformed', async () => '%00%C3%A9'],
    ['used', () => used()],
    ['an hour old', () => old()],
  ])('says so if the token is %s', async (_what, token) => {
    const path = pageOf(await token());
    for (const { status, headers, text } of [await api.send({ path }), await sendForm(api, path)]) {
      expect(status).toBe(404);
      expect(headers['content-type']).toBe('text/html; charset=utf-8');
      expect(text).toContain('This link is not valid');
      expect(text).not.toContain('<form');
    }
  });

  async function used(): Promise<string> {
    const token = await validatedToken(api);
    expect((await exchange(api, token)).status).toBe(201);
    return token;
  }

  async function old(): Promise<string> {
    const token = await requestToken(api);
    api.clock.advance(3_601);
    return token;
  }

  it('speaks French to a French browser', async () => {
    const path = pageOf(await requestToken(api));
    const { text, headers } = await api.send({ path, headers: { 'accept-language': 'fr-FR,fr;q=0.9' } });
    expect(text).toContain('Je suis une personne');
    expect(headers['content-language']).toBe('fr');
  });

  it('is kept by no cache, framed by no page, and loads nothing from elsewhere', async () => {
    const { headers } = await api.send({ path: pageOf(await requestToken(api)) });
    expect(headers['cache-control']).toBe('no-store');
    expect(headers['referrer-policy']).toBe('no-referrer');
    expect(headers['content-security-policy']).toBe(
      "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
    );
  });

  it('shows a page for a path beside it', async () => {
    const { status, headers, text } = await api.send({ path: '/creation_token/elsewhere' });
    expect([status, headers['content-type']]).toEqual([404, 'text/html; charset=utf-8']);
    expect(text).not.toContain('href="/flexiapi/account"');
  });
});
