import type { Api } from './api.js';
import type { GivenAccount } from './factories.js';
import type { Answer, RawRequest } from './http.js';

/** A form on a page. */
interface Form {
  readonly action: string;
  readonly fields: Readonly<Record<string, string>>;
}

/** A browser without scripts: it keeps cookies, fills in forms, and follows redirects. */
export class Visitor {
  readonly cookies = new Map<string, string>();
  /** The open page. */
  page: Answer;
  /** Its path. */
  path = '/';

  constructor(
    private readonly api: Pick<Api, 'send'>,
    private readonly headers: Record<string, string> = {},
  ) {}

  async open(path: string): Promise<Answer> {
    return this.follow(path, await this.send(this.toOpen(path)));
  }

  /** Fills in and sends the form of the open page whose action is `action`. */
  async submit(action: string, entered: Record<string, string> = {}): Promise<Answer> {
    const { action: path, fields } = this.formFor(action);
    return this.post(path, { ...fields, ...entered });
  }

  /** The first request of {@link open}, without sending it. */
  toOpen(path: string): RawRequest {
    return this.request('GET', path);
  }

  /** The first request of {@link submit}, without sending it. */
  toSubmit(action: string, entered: Record<string, string> = {}): RawRequest {
    const { action: path, fields } = this.formFor(action);
    return this.request('POST', path, { ...fields, ...entered });
  }

  /** Sends fields, even if no form has them. */
  async post(path: string, fields: Record<string, string>): Promise<Answer> {
    return this.follow(path, await this.send(this.request('POST', path, fields)));
  }

  async signIn({ sip, password }: GivenAccount): Promise<Answer> {
    await this.open('/account/sign-in');
    return this.submit('/account/sign-in', { sip, password });
  }

  /** The forms of the open page with their values. */
  forms(): Form[] {
    return [...this.page.text.matchAll(/<form\b([^>]*)>(.*?)<\/form>/gs)].map(([, attributes = '', content = '']) => ({
      action: /action="([^"]*)"/.exec(attributes)?.[1]?.replace('/flexiapi', '') ?? this.path,
      fields: Object.fromEntries(
        // Unchecked boxes are not sent, and no page checks one by itself.
        [...content.matchAll(/<input (?!type="checkbox")[^>]*?name="([^"]*)"[^>]*?value="([^"]*)"/g)].map(
          ([, name = '', value = '']) => [name, value],
        ),
      ),
    }));
  }

  /** The text of the page, without tags. */
  get text(): string {
    return this.page.text
      .replace(/<head>.*<\/head>/s, '')
      .replace(/<[^>]*>/g, ' ')
      .replace(/\s+/g, ' ');
  }

  private formFor(action: string): Form {
    const form = this.forms().find((one) => one.action.endsWith(action));
    if (!form) throw new Error(`no form for ${action} on ${this.path}: ${this.page.text}`);
    return form;
  }

  private request(method: string, path: string, fields?: Record<string, string>): RawRequest {
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const headers = { ...this.headers, ...(cookie ? { cookie } : {}) };
    if (!fields) return { method, path, headers };
    const type = { 'content-type': 'application/x-www-form-urlencoded' };
    return { method, path, headers: { ...headers, ...type }, body: new URLSearchParams(fields).toString() };
  }

  private async send(request: RawRequest): Promise<Answer> {
    const answer = await this.api.send(request);
    for (const text of answer.headers['set-cookie'] ?? []) this.keep(text);
    return answer;
  }

  private keep(text: string): void {
    const [, name = '', value = ''] = /^([^=]*)=([^;]*)/.exec(text) ?? [];
    if (value === '' || /Expires=Thu, 01 Jan 1970/.test(text)) this.cookies.delete(name);
    else this.cookies.set(name, value);
  }

  private async follow(path: string, answer: Answer): Promise<Answer> {
    if (answer.status === 303) return this.open(String(answer.headers.location).replace('/flexiapi', ''));
    this.page = answer;
    this.path = path.split('?', 1)[0] ?? '';
    return answer;
  }
}
