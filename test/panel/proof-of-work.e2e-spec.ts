import { Api } from '../support/api.js';
import { challengeOn, solved } from '../support/proof-of-work.js';
import { exchange, pageOf, requestToken, sendForm } from '../support/request-tokens.js';
import { createDatabase, type TestDatabase } from '../support/test-database.js';

describe('CAPTCHA_DRIVER=proof-of-work', () => {
  let database: TestDatabase;
  let api: Api;
  /** A second process with the same settings. */
  let other: Api;

  beforeAll(async () => {
    const environment = { CAPTCHA_DRIVER: 'proof-of-work' };
    database = await createDatabase();
    api = await Api.start({ environment, database });
    other = await Api.start({ environment, database });
  });
  afterAll(async () => {
    await api.stop();
    await other.stop();
    await database.remove();
  });

  const challengeFor = async (token: string) => challengeOn((await api.send({ path: pageOf(token) })).text);

  async function expectNothingProven(token: string, fields: Record<string, string>): Promise<void> {
    const page = await sendForm(api, pageOf(token), fields);
    expect(page.status).toBe(422);
    expect(page.text).toContain('It was not proven that you are a person.');
    expect(challengeOn(page.text)).toHaveProperty('signature');
    expect((await exchange(api, token)).status).toBe(404);
  }

  it('accepts the answer to the challenge of the page, in every process', async () => {
    const token = await requestToken(api);
    const page = await sendForm(other, pageOf(token), await solved(await challengeFor(token)));
    expect(page.status).toBe(200);
    expect(page.text).toContain('Go back to the app');
    expect((await exchange(api, token)).status).toBe(201);
  });

  it('accepts an answer twice for its own token, which does no harm, and never for another one', async () => {
    const token = await requestToken(api);
    const fields = await solved(await challengeFor(token));
    await expectNothingProven(await requestToken(api), fields);
    const both = await Promise.all([sendForm(api, pageOf(token), fields), sendForm(other, pageOf(token), fields)]);
    expect(both.map(({ status }) => status)).toEqual([200, 200]);
    expect((await exchange(api, token)).status).toBe(201);
    expect((await sendForm(api, pageOf(token), fields)).status).toBe(404);
  });

  it.each([
    ['no answer', () => ({})],
    ['an empty answer', () => ({ altcha: '' })],
    ['text that is not JSON', () => ({ altcha: '{' })],
    ['JSON of another form', () => ({ altcha: '{"challenge":{"parameters":null},"solution":[]}' })],
    ['a number', () => ({ altcha: '42' })],
  ])('proves nothing by %s', async (_what, fields) => {
    await expectNothingProven(await requestToken(api), fields() as Record<string, string>);
  });

  it.each([
    ['made easier', { parameters: { keyPrefix: '' } }],
    ['made cheaper', { parameters: { cost: 2 } }],
    ['made longer', { parameters: { expiresAt: 4_000_000_000 } }],
    ['unsigned', { signature: '' }],
    ['signed by somebody else', { signature: '0'.repeat(64) }],
  ])('proves nothing by a challenge that was %s', async (_how, change: { parameters?: object; signature?: string }) => {
    const token = await requestToken(api);
    const challenge = await challengeFor(token);
    const { altcha } = await solved(challenge);
    const { solution } = JSON.parse(altcha) as { solution: unknown };
    const changed = { ...challenge, ...change, parameters: { ...challenge.parameters, ...change.parameters } };
    await expectNothingProven(token, { altcha: JSON.stringify({ challenge: changed, solution }) });
  });

  it('proves nothing by a wrong solution', async () => {
    const token = await requestToken(api);
    const { altcha } = await solved(await challengeFor(token));
    const { challenge, solution } = JSON.parse(altcha) as { challenge: object; solution: { counter: number } };
    const wrong = [
      { ...solution, counter: solution.counter + 1 },
      { ...solution, derivedKey: `00${'0'.repeat(62)}` },
      { ...solution, derivedKey: 'x' },
      { counter: -1, derivedKey: '' },
    ];
    for (const one of wrong) await expectNothingProven(token, { altcha: JSON.stringify({ challenge, solution: one }) });
  });

  it('serves its scripts itself, and lets the page load nothing else', async () => {
    const { headers, text } = await api.send({ path: pageOf(await requestToken(api)) });
    expect(headers['content-security-policy']).toBe(
      "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; frame-ancestors 'none'; " +
        "base-uri 'none'; script-src 'self'; worker-src 'self'",
    );
    for (const [, path = ''] of text.matchAll(/(?:src|data-worker)="([^"]*)"/g)) {
      const script = await api.send({ path });
      expect(script.status).toBe(200);
      expect(script.headers['content-type']).toBe('text/javascript; charset=utf-8');
      expect(script.headers['cache-control']).toBe('public, max-age=31536000, immutable');
    }
    expect([...text.matchAll(/(?:src|data-worker)="/g)]).toHaveLength(2);
  });
});

describe('An answer of a proof of work', () => {
  let api: Api;

  beforeAll(async () => {
    api = await Api.start({ environment: { CAPTCHA_DRIVER: 'proof-of-work', REQUEST_TOKEN_LIFETIME: '7200' } });
  });
  afterAll(() => api.stop());

  it('expires after an hour', async () => {
    const token = await requestToken(api);
    const fields = await solved(challengeOn((await api.send({ path: pageOf(token) })).text));
    api.clock.advance(3_600);
    expect((await sendForm(api, pageOf(token), fields)).status).toBe(422);
    expect((await exchange(api, token)).status).toBe(404);
  });
});
