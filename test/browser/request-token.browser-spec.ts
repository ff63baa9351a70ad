import { barriers, BROWSED_URL, overhang, TestBrowser } from '../support/browser.js';

describe('The page of a request token in a browser', () => {
  let browser: TestBrowser;

  beforeAll(async () => {
    browser = await TestBrowser.start({ CAPTCHA_DRIVER: 'proof-of-work' });
  });
  afterAll(() => browser.stop());

  async function requestToken(): Promise<{ token: string; path: string }> {
    const { json } = await browser.api.send({ method: 'POST', path: '/api/account_creation_request_tokens' });
    return { token: json.token, path: json.validation_url.slice(BROWSED_URL.length) };
  }

  const exchange = (token: string) =>
    browser.api.anonymous().post('/api/account_creation_tokens/using-account-creation-request-token', {
      account_creation_request_token: token,
    });

  describe.each([
    ['a desk, light, English', { viewport: { width: 1200, height: 800 } }, 'I am a person', 'Go back to the app now.'],
    [
      'a telephone, dark, French',
      { viewport: { width: 360, height: 740 }, colorScheme: 'dark', locale: 'fr-FR' } as const,
      'Je suis une personne',
      'Retournez maintenant dans l’application.',
    ],
  ])('on %s', (_name, options, button, done) => {
    it('solves the proof of work, with no request to anybody else, and has no accessibility barriers', async () => {
      const { token, path } = await requestToken();
      const page = await browser.open(path, options);
      const hosts = new Set<string>();
      page.on('request', (request) => hosts.add(new URL(request.url()).origin));
      expect([await barriers(page), await overhang(page)]).toEqual([[], 0]);
      expect((await exchange(token)).status).toBe(404);
      await page.getByRole('button', { name: button }).click();
      await page.getByText(done).waitFor();
      expect([await barriers(page), await overhang(page)]).toEqual([[], 0]);
      expect([...hosts]).toEqual([new URL(BROWSED_URL).origin]);
      expect((await exchange(token)).status).toBe(201);
      await page.context().close();
    });
  });

  it('says what to do if the worker cannot be loaded, and works once it can', async () => {
    const { token, path } = await requestToken();
    const page = await browser.open(path);
    await page.route('**/scrypt.js*', (route) => route.abort());
    await page.getByRole('button', { name: 'I am a person' }).click();
    await page.getByText('This browser could not do the check.').waitFor();
    expect((await exchange(token)).status).toBe(404);
    await page.unroute('**/scrypt.js*');
    await page.getByRole('button', { name: 'I am a person' }).click();
    await page.getByText('Go back to the app now.').waitFor();
    await page.context().close();
  });

  it('asks for scripts where they are off', async () => {
    const { token, path } = await requestToken();
    const page = await browser.open(path, { javaScriptEnabled: false });
    await page.locator('noscript p').waitFor();
    await page.getByRole('button', { name: 'I am a person' }).click();
    await page.getByRole('alert').getByText('It was not proven that you are a person.').waitFor();
    expect((await exchange(token)).status).toBe(404);
    await page.context().close();
  });
});
