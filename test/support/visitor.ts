import type { Api } from './api.js';
import type { GivenAccount } from './factories.js';
import type { Answer } from './http.js';

/** A form as it stands on a page. */
interface Form {
  readonly action: string;
  readonly fields: Readonly<Record<string, string>>;
}

/** Somebody with a browser that runs no script: it keeps cookies, fills in forms, and follows where answers lead. */
export class Visitor {
  readonly cookies = new Map<string, string>();
  /** The page that is open. */
  page: Answer;
  /** Its path. */
  path = '/';

  constructor(
    private readonly api: Api,
    private readonly headers: Record<string, string> = {},
  ) {}

  async open(path: string): Promise<Answer> {
    return this.follow(path, await this.send('GET', path));
  }

  /** Fills in the form of the open page that is sent to `action`, and sends it. */
  async submit(action: string, entered: Record<string, string> = {}): Promise<Answer> {
    const form = this.forms().find((one) => one.action.endsWith(action));
    if (!form) throw new Error(`no form for ${action} on ${this.path}: ${this.page.text}`);
    return this.post(form.action, { ...form.fields, ...entered });
  }

  /** Sends fields, whether a form has them or not. */
  async post(path: string, fields: Record<string, string>): Promise<Answer> {
    return this.follow(path, await this.send('POST', path, new URLSearchParams(fields).toString()));
  }

  async signIn({ sip, password }: GivenAccount): Promise<Answer> {
    await this.open('/account/sign-in');
    return this.submit('/account/sign-in', { sip, password });
  }

  /** The forms of the open page, with what is in them. */
  forms(): Form[] {
    return [...this.page.text.matchAll(/<form\b([^>]*)>(.*?)<\/form>/gs)].map(([, attributes = '', content = '']) => ({
      action: /action="([^"]*)"/.exec(attributes)?.[1]?.replace('/flexiapi', '') ?? this.path,
      fields: Object.fromEntries(
        // Boxes that are not ticked are not sent; no page ticks one by itself.
        [...content.matchAll(/<input (?!type="checkbox")[^>]*?name="([^"]*)"[^>]*?value="([^"]*)"/g)].map(([, name = '', value = '']) => [
          name,
          value,
        ]),
      ),
    }));
  }

  /** What the page says, without its tags. */
  get text(): string {
    return this.page.text
      .replace(/<head>.*<\/head>/s, '')
      .replace(/<[^>]*>/g, ' ')
      .replace(/\s+/g, ' ');
  }

  private async send(method: string, path: string, body?: string): Promise<Answer> {
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const type: Record<string, string> = body === undefined ? {} : { 'content-type': 'application/x-www-form-urlencoded' };
    const answer = await this.api.send({ method, path, body, headers: { ...this.headers, ...type, ...(cookie ? { cookie } : {}) } });
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
