import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { GivenAccount } from '../support/factories.js';
import { askedByBrowser, signIn, TestBrowser } from '../support/browser.js';
import { SwaggerUi } from '../support/swagger-ui.js';

describe('Swagger UI in a browser', () => {
  let browser: TestBrowser;
  let admin: GivenAccount;

  beforeAll(async () => {
    browser = await TestBrowser.start();
    admin = await browser.api.given.admin({ key: false, username: 'operator' });
  });
  afterAll(() => browser.stop());

  it('works with the key that an administrator makes in the panel', async () => {
    const page = await browser.open('/account');
    await signIn(page, admin);
    await page.getByRole('link', { name: 'API key' }).click();
    await page.getByRole('button', { name: 'Generate a key' }).click();
    const apiKey = await page.locator('output').innerText();
    await page.getByRole('link', { name: 'Try it in Swagger UI' }).click();
    const ui = new SwaggerUi(page);
    await ui.authorize({ from: admin.from, apiKey });
    expect(await ui.execute('GET', '/api/accounts/me')).toMatchObject({
      status: 200,
      json: { username: 'operator', admin: true },
    });
    const body = { username: 'newcomer', password: 'secret words', algorithm: 'MD5', activated: true };
    const created = await ui.execute('POST', '/api/accounts', { body });
    expect(created).toMatchObject({ status: 200, json: { username: 'newcomer', activated: true } });
    const parameters = { id: String(created.json.id) };
    expect(await ui.execute('POST', '/api/accounts/{id}/deactivate', { parameters })).toMatchObject({
      status: 200,
      json: { activated: false },
    });
    expect(await ui.execute('GET', '/api/accounts', { parameters: { per_page: '1' } })).toMatchObject({
      status: 200,
      json: { total: 2, next_page_url: 'http://phones.example.org/flexiapi/api/accounts?per_page=1&page=2' },
    });
    await page.context().close();
  });

  it.each<['MD5' | 'SHA-256']>([['MD5'], ['SHA-256']])('signs Digest by %s, by itself', async (algorithm) => {
    const account = await browser.api.given.account({
      username: `j.+${algorithm.toLowerCase()}`,
      password: 'pässword',
      stored: [algorithm],
    });
    const page = await browser.open('/api/docs');
    const ui = new SwaggerUi(page);
    await ui.authorize({ from: account.from, digest: 'pässword' });
    expect(await ui.execute('GET', '/api/accounts/me')).toMatchObject({
      status: 200,
      json: { username: account.username },
    });
    expect(await ui.execute('GET', '/api/accounts/me/devices')).toMatchObject({ status: 200, json: {} });
    const body = { email: 'new@example.org' };
    expect(await ui.execute('POST', '/api/accounts/me/email/request', { body })).toMatchObject({
      status: 200,
      json: {},
    });
    expect(await ui.execute('GET', '/api/accounts')).toMatchObject({ status: 403, json: { code: 'admin_required' } });
    await page.context().close();
  });

  it('shows a curl command that signs Digest too, and has a body that can be sent as it stands', async () => {
    const account = await browser.api.given.account({ username: "j.o'neil" });
    const page = await browser.open('/api/docs', { viewport: { width: 360, height: 740 } });
    const width = 'document.documentElement.clientWidth';
    expect(await page.evaluate(width)).toBe(360);
    const ui = new SwaggerUi(page);
    await ui.authorize({ from: account.from, digest: account.password });
    await ui.execute('GET', '/api/accounts/me', { keepsOpen: true });
    const command = await page.locator('.curl-command .curl').innerText();
    expect(command).toContain(`curl --digest -u 'j.o'\\''neil' -X 'GET'`);
    expect(command).toContain('From: sip:');
    expect(command).not.toContain(account.password);
    // As it stands, but for the public URL, which leads nowhere outside of this browser; curl would ask for the password.
    const here = command
      .replaceAll('http://phones.example.org', browser.api.origin)
      .replace("-u 'j.o'\\''neil'", `-u 'j.o'\\''neil:${account.password}' -s`);
    const { stdout } = await promisify(execFile)('bash', ['-c', here]);
    expect(JSON.parse(stdout)).toMatchObject({ username: "j.o'neil" });
    await page.context().close();
  });

  it.each<[string, Record<string, string>, string]>([
    ['nothing', {}, 'authentication_required'],
    ['a wrong key', { apiKey: 'wrong' }, 'credentials_invalid'],
    ['a wrong password', { digest: 'wrong' }, 'credentials_invalid'],
  ])(
    'shows what %s is answered with, without a dialog of the browser, and asks nothing of public routes',
    async (_name, proof, code) => {
      const account = await browser.api.given.account();
      const page = await browser.open('/api/docs');
      const asked = await askedByBrowser(page);
      const ui = new SwaggerUi(page);
      await ui.authorize({ from: account.from, ...proof });
      expect(await ui.execute('GET', '/api/accounts/me')).toMatchObject({ status: 401, json: { code } });
      expect(asked).toEqual([]);
      const parameters = { sip: account.sip };
      expect(await ui.execute('GET', '/api/accounts/{sip}/info', { parameters })).toMatchObject({
        status: 200,
        json: { activated: true },
      });
      await page.context().close();
    },
  );
});
