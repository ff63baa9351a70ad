import type { GivenAccount } from '../support/factories.js';
import { barriers, BROWSED_URL, overhang, signIn, TestBrowser } from '../support/browser.js';
import { confirmationLinkOf } from '../support/mail-routes.js';

describe('The panel in a browser', () => {
  let browser: TestBrowser;

  beforeAll(async () => {
    browser = await TestBrowser.start();
  });
  afterAll(() => browser.stop());

  it('works without scripts: an e-mail address is changed by the link in the mail', async () => {
    const account = await browser.api.given.account({ email: 'old@example.org' });
    const page = await browser.open('/account', { javaScriptEnabled: false });
    await signIn(page, account);
    await page.getByRole('link', { name: 'Change the e-mail address' }).click();
    await page.getByLabel('New e-mail address').fill('new@example.org');
    await page.getByRole('button', { name: 'Send the e-mail' }).click();
    await page.getByRole('status').getByText('The e-mail is on its way.').waitFor();
    await page.goto(confirmationLinkOf(browser.api.mails.last));
    await page.getByRole('button', { name: 'Confirm' }).click();
    await page.getByRole('heading', { name: 'Your e-mail address is confirmed' }).waitFor();
    await page.goto(`${BROWSED_URL}/account`);
    await page.getByText('new@example.org').waitFor();
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByText('You are signed out.').waitFor();
    await page.context().close();
  });

  it('shows each error at its field', async () => {
    const account = await browser.api.given.account();
    const page = await browser.open('/account');
    await page.getByLabel('SIP address').fill(account.sip);
    await page.getByLabel('Password').fill('wrong');
    await page.keyboard.press('Enter');
    await page.getByRole('alert').getByText('The SIP address or the password is not right.').waitFor();
    expect(await page.getByLabel('SIP address').inputValue()).toBe(account.sip);
    expect(await page.getByLabel('Password').inputValue()).toBe('');
    await page.getByLabel('Password').fill(account.password);
    await page.keyboard.press('Enter');
    await page.getByRole('link', { name: 'Change the password' }).click();
    await page.getByLabel('Current password').fill(account.password);
    await page.getByLabel('New password', { exact: true }).fill('new words');
    await page.getByLabel('Repeat the new password').fill('other words');
    await page.keyboard.press('Enter');
    const repeat = page.getByLabel('Repeat the new password');
    await page.getByRole('alert').waitFor();
    expect(await repeat.getAttribute('aria-invalid')).toBe('true');
    expect(await page.locator(`#${await repeat.getAttribute('aria-describedby')}`).innerText()).toBe(
      'The two passwords differ.',
    );
    await page.context().close();
  });

  describe.each([
    ['a desk, light, English', { viewport: { width: 1200, height: 800 } }],
    [
      'a telephone, dark, French',
      { viewport: { width: 360, height: 740 }, colorScheme: 'dark', locale: 'fr-FR' } as const,
    ],
  ])('on %s', (_name, options) => {
    let admin: GivenAccount;
    const paths = (id: number) => [
      '',
      '/password',
      '/email',
      '/phone',
      '/phone/code',
      '/devices',
      '/delete',
      '/delete/confirm',
      '/api-key',
      '/api-key/generate',
      '/api-key/revoke',
      '/accounts',
      '/accounts/new',
      `/accounts/${id}`,
      `/accounts/${id}/delete`,
      '/accounts/999999',
    ];

    beforeAll(async () => {
      admin = await browser.api.given.admin({ email: `${'long'.repeat(12)}@example.org`, phone: null });
      const times = { expiresAt: new Date('2026-11-25T11:00:00Z'), updatedAt: new Date('2026-11-25T10:00:00Z') };
      browser.api.registrar.register(admin, {
        ...times,
        uniqueId: '"<urn:uuid:one>"',
        userAgent: `LinphoneAndroid/${'5'.repeat(60)}`,
      });
    });

    it('has no accessibility barriers, and nothing wider than the screen', async () => {
      const page = await browser.open('', options);
      for (const path of ['', '/account/sign-in']) {
        await page.goto(BROWSED_URL + path);
        expect([path, await barriers(page)]).toEqual([path, []]);
        expect([path, await overhang(page)]).toEqual([path, 0]);
      }
      await page
        .locator('main button')
        .evaluate((button) => ((button as unknown as { form: { noValidate: boolean } }).form.noValidate = true));
      await page.locator('main button').click();
      await page.getByRole('alert').waitFor();
      expect(await barriers(page)).toEqual([]);
      await signIn(page, admin);
      for (const path of paths(admin.id)) {
        await page.goto(`${BROWSED_URL}/account${path}`);
        expect([path, await barriers(page)]).toEqual([path, []]);
        expect([path, await overhang(page)]).toEqual([path, 0]);
      }
      await page.goto(`${BROWSED_URL}/account/accounts/new`);
      await page.locator('#username').fill('x');
      await page.locator('#password').fill('x');
      await page.locator('main button').click();
      await page.getByRole('alert').waitFor();
      expect(await barriers(page)).toEqual([]);
      expect(await overhang(page)).toBe(0);
      await page.context().close();
    });
  });
});
