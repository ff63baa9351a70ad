import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { BROWSED_URL, BrowserOf, signIn } from '../support/browser.js';
import { sendRequest } from '../support/http.js';
import { freePort } from '../support/private-mariadb.js';
import { Service } from '../support/service.js';
import { SwaggerUi } from '../support/swagger-ui.js';

const FOLDER = join(__dirname, '../../docs/pictures');
/** Bytes of a picture at most: the README is a front page, and is read on telephones. */
const MOST_BYTES = 120_000;
const WINDOW = { viewport: { width: 1120, height: 640 } };
const PASSWORD = 'secret words';

/** `npm run pictures` takes them anew. The tests go the same way without a camera, so that it stays one. */
async function picture(page: Page, name: string): Promise<void> {
  const file = join(FOLDER, name);
  if (process.env.TAKE_PICTURES) await page.screenshot({ path: file, animations: 'disabled', caret: 'hide' });
  expect(statSync(file).size).toBeLessThan(MOST_BYTES);
}

// The built service: only a build documents what the routes answer.
describe('The pictures of the README', () => {
  let folder: string;
  let service: Service;
  let browser: BrowserOf;

  /** What the first start prints after some words. */
  const printed = (words: string) => new RegExp(`${words} +(\\S+)`).exec(service.stdout)?.[1] ?? '';

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'flexisip-api-pictures-'));
    const port = await freePort();
    const origin = `http://127.0.0.1:${port}`;
    service = await Service.start({ PORT: String(port), APP_URL: BROWSED_URL }, folder);
    const headers = {
      from: printed('SIP address'),
      'x-api-key': printed('API key'),
      'content-type': 'application/json',
    };
    for (const account of [
      { username: 'reception', phone: '+33612345678', email: 'reception@example.org', activated: true },
      { username: 'john.doe', phone: '+33687654321', activated: true },
      { username: 'workshop', activated: false },
      { username: 'maria.silva', email: 'maria.silva@example.org', activated: true },
    ]) {
      const body = JSON.stringify({ ...account, password: PASSWORD, algorithm: 'SHA-256' });
      const { status, text } = await sendRequest(origin, { method: 'POST', path: '/api/accounts', headers, body });
      if (status !== 200) throw new Error(text);
    }
    browser = await BrowserOf.launch(origin);
  });
  afterAll(async () => {
    await browser.stop();
    await service.stop();
    rmSync(folder, { recursive: true });
  });

  it('show the accounts in the panel, as an administrator sees them', async () => {
    const page = await browser.open('/account', WINDOW);
    await signIn(page, { sip: printed('SIP address'), password: printed('Password') });
    await page.getByRole('link', { name: 'All accounts' }).click();
    await page.getByText('maria.silva@sip.example.org').waitFor();
    await picture(page, 'panel.png');
    await page.context().close();
  });

  it('show Swagger UI with the answer of a call', async () => {
    const page = await browser.open('/api/docs', WINDOW);
    const ui = new SwaggerUi(page);
    await ui.authorize({ from: 'sip:reception@sip.example.org', digest: PASSWORD });
    const { json } = await ui.execute('GET', '/api/accounts/me', { keepsOpen: true });
    expect(json).toMatchObject({ username: 'reception' });
    await page.locator('.opblock-get.is-open .opblock-summary').evaluate((element) => element.scrollIntoView());
    await picture(page, 'swagger-ui.png');
    await page.context().close();
  });
});
