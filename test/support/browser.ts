import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { type Browser, type BrowserContext, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { Api } from './api.js';

/** Where the browser finds the service: without TLS and on no loopback name, as an installation is tried at first. */
export const BROWSED_URL = 'http://phones.example.org/flexiapi';

/** A browser that knows a service by a name of its own, and no other host. */
export class BrowserOf {
  private readonly complaints: string[] = [];

  protected constructor(private readonly browser: Browser) {}

  /** @param origin where the service listens; its public URL is {@link BROWSED_URL}. */
  static async launch(origin: string): Promise<BrowserOf> {
    return new BrowserOf(await launchChromium(origin));
  }

  /** @throws if some page complained: of a script that failed, or of something that the security policy forbids. */
  async stop(): Promise<void> {
    await this.browser.close();
    if (this.complaints.length > 0) throw new Error(`a page complained: ${this.complaints.join('\n')}`);
  }

  /** A window of somebody who has not been here before. */
  async open(path: string, options: BrowserContextOptions = {}): Promise<Page> {
    const context: BrowserContext = await this.browser.newContext(options);
    context.setDefaultTimeout(15_000);
    const page = await context.newPage();
    page.on('pageerror', (error) => this.complaints.push(error.message));
    page.on('console', (message) => {
      if (message.type() === 'error' && !/status of (4\d\d|503)/.test(message.text())) this.complaints.push(message.text());
    });
    await page.goto(BROWSED_URL + path);
    return page;
  }
}

/** A browser and the application that it visits. */
export class TestBrowser extends BrowserOf {
  private constructor(
    readonly api: Api,
    browser: Browser,
  ) {
    super(browser);
  }

  static async start(environment: Record<string, string> = {}): Promise<TestBrowser> {
    const api = await Api.start({ environment: { APP_URL: BROWSED_URL, ...environment } });
    return new TestBrowser(api, await launchChromium(api.origin));
  }

  override async stop(): Promise<void> {
    try {
      await super.stop();
    } finally {
      await this.api.stop();
    }
  }
}

function launchChromium(origin: string): Promise<Browser> {
  return chromium.launch({
    executablePath: execFileSync('which', ['chromium'], { encoding: 'utf8' }).trim(),
    args: ['--no-sandbox', `--host-resolver-rules=MAP phones.example.org:80 ${new URL(origin).host}, MAP * ~NOTFOUND`],
  });
}

/** Lists, as it grows, what the browser itself would ask a name and a password for. */
export async function askedByBrowser(page: Page): Promise<string[]> {
  const asked: string[] = [];
  const session = await page.context().newCDPSession(page);
  // The test may close the page while a request is paused.
  const unlessClosed = (sent: Promise<unknown>) => void sent.catch(() => undefined);
  session.on('Fetch.requestPaused', ({ requestId }) => unlessClosed(session.send('Fetch.continueRequest', { requestId })));
  session.on('Fetch.authRequired', ({ requestId, request }) => {
    asked.push(request.url);
    unlessClosed(session.send('Fetch.continueWithAuth', { requestId, authChallengeResponse: { response: 'CancelAuth' } }));
  });
  await session.send('Fetch.enable', { handleAuthRequests: true });
  return asked;
}

/** Signs in to the panel, with the keyboard alone. */
export async function signIn(page: Page, { sip, password }: { sip: string; password: string }): Promise<void> {
  await page.locator('input[name="sip"]:focus').waitFor();
  await page.keyboard.type(sip);
  await page.keyboard.press('Tab');
  await page.keyboard.type(password);
  await page.keyboard.press('Enter');
  await page.locator('form[action$="/sign-out"]').waitFor();
}

const AXE = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');

/** What of WCAG 2.2 AA the page does not meet, as far as a program can tell. */
export async function barriers(page: Page): Promise<string[]> {
  await page.evaluate(AXE);
  return page.evaluate(async () => {
    const { axe } = globalThis as unknown as {
      axe: { run(options: object): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }> };
    };
    const { violations } = await axe.run({ runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] });
    return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`);
  });
}

/** How many pixels of the page stick out to the side of the window. */
export function overhang(page: Page): Promise<number> {
  return page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth');
}
