import { Api } from '../support/api.js';
import { type ArrivedRequest, FakeHttpService, type Reply } from '../support/external/fake-http-service.js';
import { exchange, pageOf, requestToken, sendForm } from '../support/request-tokens.js';

const SITE_KEY = '10000000-ffff-ffff-ffff-000000000001';
const SECRET_KEY = '0x8264stuvwxSecretOfTheSite';
const RIGHT = 'P1_the-answer-of-a-person';

/** The verification of hCaptcha and Turnstile. Both accept an answer once, and say why they refuse. */
class FakeProvider {
  private readonly seen = new Set<string>();

  verify({ method, headers, form }: ArrivedRequest): Reply {
    const refuse = (...errors: string[]) => ({ body: { success: false, 'error-codes': errors } });
    if (method !== 'POST') return { status: 405, body: '' };
    if (headers['content-type'] !== 'application/x-www-form-urlencoded') return refuse('bad-request');
    if (form.get('secret') !== SECRET_KEY) return refuse('invalid-input-secret');
    const response = form.get('response') ?? '';
    if (!response.startsWith(RIGHT)) return refuse('invalid-input-response');
    if (this.seen.has(response)) return refuse('timeout-or-duplicate');
    this.seen.add(response);
    return { body: { success: true, challenge_ts: '2026-12-01T07:00:00Z', hostname: 'api.example.org' } };
  }
}

describe.each([
  ['hcaptcha', 'HCAPTCHA_VERIFY_URL', 'h-captcha-response', 'https://js.hcaptcha.com/1/api.js'],
  [
    'turnstile',
    'TURNSTILE_VERIFY_URL',
    'cf-turnstile-response',
    'https://challenges.cloudflare.com/turnstile/v0/api.js',
  ],
])('CAPTCHA_DRIVER=%s', (driver, variable, field, script) => {
  let provider: FakeHttpService;
  let api: Api;
  let serial = 0;

  beforeAll(async () => {
    provider = await FakeHttpService.start();
    const keys = { CAPTCHA_SITE_KEY: SITE_KEY, CAPTCHA_SECRET_KEY: SECRET_KEY };
    const environment = {
      CAPTCHA_DRIVER: driver,
      ...keys,
      [variable]: `${provider.origin}/verify`,
      NEIGHBOUR_TIMEOUT: '1',
    };
    api = await Api.start({ environment });
  });
  beforeEach(() => {
    const fake = new FakeProvider();
    provider.answer((request) => fake.verify(request));
    provider.forget();
  });
  afterAll(async () => {
    await api.stop();
    await provider.stop();
  });

  const rightAnswer = () => ({ [field]: `${RIGHT}-${(serial += 1)}` });

  async function expectRefusal(fields: Record<string, string>, status: number, message: string): Promise<string> {
    const token = await requestToken(api);
    const page = await sendForm(api, pageOf(token), fields);
    expect(page.status).toBe(status);
    expect(page.headers['content-type']).toBe('text/html; charset=utf-8');
    expect(page.text).toContain(message);
    expect(page.text).toContain(`data-sitekey="${SITE_KEY}"`);
    expect((await exchange(api, token)).status).toBe(404);
    return token;
  }

  it('shows the form of the provider, and allows the page to load from that provider alone', async () => {
    const { text, headers } = await api.send({ path: pageOf(await requestToken(api)) });
    expect(text).toContain(script);
    expect(text).toContain(`data-sitekey="${SITE_KEY}"`);
    expect(text).not.toContain(SECRET_KEY);
    const policy = String(headers['content-security-policy']);
    const origins = new Set(policy.match(/https:\/\/[^ ;]+/g));
    expect([...origins].toSorted()).toEqual(
      driver === 'hcaptcha'
        ? ['https://*.hcaptcha.com', 'https://hcaptcha.com']
        : ['https://challenges.cloudflare.com'],
    );
    expect(policy).not.toMatch(/unsafe|script-src [^;]*'self'|data:|\*(?!\.hcaptcha)/);
    expect(provider.requests).toEqual([]);
  });

  it('validates the token once the provider has accepted the answer', async () => {
    const token = await requestToken(api);
    const fields = rightAnswer();
    expect((await sendForm(api, pageOf(token), fields)).status).toBe(200);
    expect(provider.last.path).toBe('/verify');
    expect(Object.fromEntries(provider.last.form)).toEqual({
      secret: SECRET_KEY,
      response: fields[field],
      ...(driver === 'hcaptcha' && { sitekey: SITE_KEY }),
    });
    expect((await exchange(api, token)).status).toBe(201);
  });

  it('does not ask the provider again for a form that is sent twice', async () => {
    const token = await requestToken(api);
    const fields = rightAnswer();
    for (let time = 1; time <= 2; time++) expect((await sendForm(api, pageOf(token), fields)).status).toBe(200);
    expect(provider.requests).toHaveLength(1);
  });

  it('does not ask the provider for a token that has ended', async () => {
    expect((await sendForm(api, pageOf('x'.repeat(32)), rightAnswer())).status).toBe(404);
    expect(provider.requests).toEqual([]);
  });

  it.each([
    ['none', () => ({})],
    ['an empty one', () => ({ [field]: '' })],
    ['a wrong one', () => ({ [field]: 'wrong' })],
    ['a very long one', () => ({ [field]: RIGHT + 'x'.repeat(20_000) })],
  ])('shows the form again after an answer that is not right: %s', async (_what, fields) => {
    await expectRefusal(fields() as Record<string, string>, 422, 'It was not proven that you are a person.');
  });

  it('accepts an answer for one token only', async () => {
    const fields = rightAnswer();
    expect((await sendForm(api, pageOf(await requestToken(api)), fields)).status).toBe(200);
    await expectRefusal(fields, 422, 'It was not proven that you are a person.');
  });

  it.each<[string, Reply | (() => Promise<Reply>)]>([
    ['fails', { status: 500, body: 'trouble' }],
    ['is over its limits', { status: 429, body: '' }],
    ['answers with a page', { body: '<html>success: true</html>' }],
    ['answers with a list', { body: [true] }],
    ['answers with null', { body: 'null' }],
    ['says "true" instead of true', { body: { success: 'true' } }],
    ['says 1 instead of true', { body: { success: 1 } }],
    ['says yes with a status that says no', { status: 503, body: { success: true } }],
    ['refuses without a reason', { body: { success: false } }],
    ['refuses the key', { body: { success: false, 'error-codes': ['invalid-input-secret'] } }],
    ['has an error of its own', { body: { success: false, 'error-codes': ['internal-error'] } }],
    ['sends the caller elsewhere', { status: 302, headers: { location: 'http://127.0.0.1:1/' }, body: '' }],
    ['answers endlessly', { body: 'x'.repeat(100_000) }],
    ['hangs', () => new Promise<Reply>(() => undefined)],
  ])('answers 503 in time if the provider %s, and validates nothing', async (_how, reply) => {
    provider.answer(typeof reply === 'function' ? reply : () => reply);
    const begin = performance.now();
    const token = await expectRefusal(rightAnswer(), 503, 'It cannot be checked at the moment');
    expect(performance.now() - begin).toBeLessThan(5_000);
    const fake = new FakeProvider();
    provider.answer((request) => fake.verify(request));
    expect((await sendForm(api, pageOf(token), rightAnswer())).status).toBe(200);
    expect((await exchange(api, token)).status).toBe(201);
  });

  it('keeps keys and answers out of the log', async () => {
    const fields = rightAnswer();
    provider.answer({ status: 400, body: { success: false, 'error-codes': [fields[field], SECRET_KEY] } });
    await expectRefusal(fields, 503, 'It cannot be checked at the moment');
    const log = api.log.join('\n');
    for (const secret of [SECRET_KEY, String(fields[field])]) expect(log).not.toContain(secret);
  });
});
