import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { type Browser, type BrowserContext, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { Api } from './api.js';

/** The public URL in browser tests: without TLS and without a loopback name, like a first trial of an installation. */
export const BROWSED_URL = 'http://phones.example.org/flexiapi';

/** A browser that resolves the host name of one service, and no other host. */
export class BrowserOf {
  private readonly complaints: string[] = [];

  protected constructor(private readonly browser: Browser) {}

  /** @param origin the URL that the service listens on; its public URL is {@link BROWSED_URL}. */
  static async launch(origin: string): Promise<BrowserOf> {
    return new BrowserOf(await launchChromium(origin));
  }

  /** @throws if a page reported an error: a failed script, or a violation of the security policy. */
  async stop(): Promise<void> {
    await this.browser.close();
    if (this.complaints.length > 0) throw new Error(`a page complained: ${this.complaints.join('\n')}`);
  }

  /** Opens a page in a new browser profile. */
  async open(path: string, options: BrowserContextOptions = {}): Promise<Page> {
    const context: BrowserContext = await this.browser.newContext(options);
    context.setDefaultTimeout(15_000);
    const page = await context.newPage();
    page.on('pageerror', (error) => this.complaints.push(error.message));
    page.on('console', (message) => {
      if (message.type() === 'error' && !/status of (4\d\d|503)/.test(message.text()))
        this.complaints.push(message.text());
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

/** Collects the URLs for which the browser asks for a name and a password. The list grows while the page is used. */
export async function askedByBrowser(page: Page): Promise<string[]> {
  const asked: string[] = [];
  const session = await page.context().newCDPSession(page);
  // The test may close the page while a request is paused.
  const unlessClosed = (sent: Promise<unknown>) => void sent.catch(() => undefined);
  session.on('Fetch.requestPaused', ({ requestId }) =>
    unlessClosed(session.send('Fetch.continueRequest', { requestId })),
  );
  session.on('Fetch.authRequired', ({ requestId, request }) => {
    asked.push(request.url);
    unlessClosed(
      session.send('Fetch.continueWithAuth', { requestId, authChallengeResponse: { response: 'CancelAuth' } }),
    );
  });
  await session.send('Fetch.enable', { handleAuthRequests: true });
  return asked;
}

/** Signs in to the panel with the keyboard only. */
export async function signIn(page: Page, { sip, password }: { sip: string; password: string }): Promise<void> {
  await page.locator('input[name="sip"]:focus').waitFor();
  await page.keyboard.type(sip);
  await page.keyboard.press('Tab');
  await page.keyboard.type(password);
  await page.keyboard.press('Enter');
  await page.locator('form[action$="/sign-out"]').waitFor();
}

const AXE = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');

/** Violations of WCAG 2.2 AA that axe finds on the page. */
export async function barriers(page: Page): Promise<string[]> {
  await page.evaluate(AXE);
  return page.evaluate(async () => {
    const { axe } = globalThis as unknown as {
      axe: { run(options: object): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }> };
    };
    const { violations } = await axe.run({
      runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
    });
    return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`);
  });
}

/** The number of pixels by which the page is wider than the window. */
export function overhang(page: Page): Promise<number> {
  return page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth');
}
