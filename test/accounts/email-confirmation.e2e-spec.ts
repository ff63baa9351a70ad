import { Api, PUBLIC_URL } from '../support/api.js';
import type { GivenAccount } from '../support/factories.js';
import type { Answer } from '../support/http.js';
import { confirmationLinkOf } from '../support/mail-routes.js';
import { faultOf, whileRefusing } from '../support/refused-writes.js';

const { origin: PUBLIC_ORIGIN, pathname: PREFIX } = new URL(PUBLIC_URL);
const DAY = 86_400;

describe('The page behind the link of an e-mail change', () => {
  let api: Api;

  beforeAll(async () => {
    api = await Api.start({ environment: { RATE_LIMITS: 'off' } });
  });
  afterAll(() => api.stop());

  /** Requests a new address and returns the path of the mailed link, as a browser requests it. */
  async function requested(account: GivenAccount, email = 'new@example.org'): Promise<string> {
    expect((await api.withKey(account).post('/api/accounts/me/email/request', { email })).status).toBe(200);
    const link = new URL(confirmationLinkOf(api.mails.last));
    expect(link.origin).toBe(PUBLIC_ORIGIN);
    return link.pathname + link.search;
  }

  const open = (path: string) => api.anonymous().get(path);
  const emailOf = async ({ id }: GivenAccount) =>
    (await api.sql('SELECT email FROM accounts WHERE id = ?', [id]))[0].email;

  /** Sends the request of a browser when the user presses the only button of the page. */
  function press(page: Answer, path: string): Promise<Answer> {
    const forms = [...page.text.matchAll(/<form\b([^>]*)>(.*?)<\/form>/gs)];
    expect(forms).toHaveLength(1);
    const [, attributes = '', content = ''] = forms[0] ?? [];
    expect(attributes).toMatch(/method="post"/i);
    expect(content.match(/<button\b/g)).toHaveLength(1);
    const fields = new URLSearchParams();
    for (const [, name = '', value = ''] of content.matchAll(/<input\b[^>]*name="([^"]*)"[^>]*value="([^"]*)"/g))
      fields.append(name, value);
    const action = /action="([^"]*)"/.exec(attributes)?.[1] ?? '';
    const target = new URL(action, PUBLIC_ORIGIN + path);
    expect(target.origin).toBe(PUBLIC_ORIGIN);
    return post(target.pathname + target.search, fields.toString());
  }

  function post(path: string, body = ''): Promise<Answer> {
    const headers = {
      'content-type': 'application/x-www-form-urlencoded',
      'content-length': String(Buffer.byteLength(body)),
    };
    return api.anonymous().send({ method: 'POST', path, headers, body });
  }

  async function expectNotValid(path: string): Promise<void> {
    for (const answer of [await open(path), await post(path)]) {
      expect(answer.status).toBe(404);
      expect(answer.headers['content-type']).toMatch(/^text\/html/);
      expect(answer.text).toMatch(/not valid/i);
      expect(answer.text).not.toMatch(/<form|<button/);
    }
  }

  it('is reached with the path prefix of the public URL, and without it behind a proxy that strips it', async () => {
    const path = await requested(await api.given.account());
    expect(path.startsWith(`${PREFIX}/account/`)).toBe(true);
    expect((await open(path)).status).toBe(200);
    expect((await open(path.slice(PREFIX.length))).status).toBe(200);
  });

  it('names the new address and the account, needs no script, and is not kept, framed or told to others', async () => {
    const account = await api.given.account();
    const page = await open(await requested(account, 'shown@example.org'));
    expect(page.status).toBe(200);
    expect(page.headers['content-type']).toBe('text/html; charset=utf-8');
    expect(page.text).toContain('shown@example.org');
    expect(page.text).toContain(account.sip);
    expect(page.text).not.toMatch(/<script|\son\w+=/i);
    expect(page.headers['cache-control']).toBe('no-store');
    expect(page.headers['content-security-policy']).toMatch(/frame-ancestors 'none'/);
    expect(page.headers['referrer-policy']).toBe('no-referrer');
  });

  it('changes nothing when opened, however often, by HEAD too', async () => {
    const account = await api.given.account({ email: 'old@example.org' });
    const path = await requested(account);
    const before = await api.sql('SELECT * FROM email_changed WHERE account_id = ?', [account.id]);
    const mails = api.mails.attempts;
    for (let time = 0; time < 3; time++) expect((await open(path)).status).toBe(200);
    expect((await api.anonymous().send({ method: 'HEAD', path })).status).toBe(200);
    expect(await emailOf(account)).toBe('old@example.org');
    expect(await api.sql('SELECT * FROM email_changed WHERE account_id = ?', [account.id])).toEqual(before);
    expect(api.mails.attempts).toBe(mails);
  });

  it('confirms the change by its button, once, and tells the old address', async () => {
    const account = await api.given.account({ email: 'old@example.org' });
    const path = await requested(account, 'fresh@example.org');
    const mails = api.mails.delivered.length;
    const done = await press(await open(path), path);
    expect(done.status).toBe(200);
    expect(done.headers['content-type']).toMatch(/^text\/html/);
    expect(done.text).toContain('fresh@example.org');
    expect(await emailOf(account)).toBe('fresh@example.org');
    expect((await api.withKey(account).get('/api/accounts/me')).json).toMatchObject({
      email: 'fresh@example.org',
      email_changed: null,
    });
    expect(api.mails.delivered.slice(mails)).toEqual([
      { kind: 'email-changed', to: 'old@example.org', account: `sip:${account.sip}`, newEmail: 'fresh@example.org' },
    ]);
    await expectNotValid(path);
    expect(api.mails.delivered).toHaveLength(mails + 1);
  });

  it('tells nobody where there was no old address', async () => {
    const account = await api.given.account();
    const path = await requested(account);
    const mails = api.mails.attempts;
    expect((await press(await open(path), path)).status).toBe(200);
    expect(await emailOf(account)).toBe('new@example.org');
    expect(api.mails.attempts).toBe(mails);
  });

  it.each(['fail', 'break'] as const)(
    'keeps the change where the old address cannot be told: the mailer should %s',
    async (mishap) => {
      const account = await api.given.account({ email: 'old@example.org' });
      const path = await requested(account);
      api.mails[mishap]();
      try {
        expect((await post(path)).status).toBe(200);
      } finally {
        api.mails.recover();
      }
      expect(await emailOf(account)).toBe('new@example.org');
    },
  );

  it.each([1, 2, 3, 4, 5])('confirms once of twenty times at the same moment, and tells once: round %d', async () => {
    const account = await api.given.account({ email: 'old@example.org' });
    const path = await requested(account);
    const mails = api.mails.attempts;
    const answers = await Promise.all(Array.from({ length: 20 }, () => post(path)));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 404)).toHaveLength(19);
    expect(api.mails.attempts).toBe(mails + 1);
  });

  it('changes nothing where it fails half-way', async () => {
    const account = await api.given.account({ email: 'old@example.org' });
    const path = await requested(account);
    await whileRefusing(api, 'DELETE', 'email_changed', async () => {
      expect(await faultOf(post(path))).toBe('internal_error');
    });
    expect(await emailOf(account)).toBe('old@example.org');
    expect((await post(path)).status).toBe(200);
  });

  it('escapes what it shows', async () => {
    // Such a name cannot be created here, but other programs that write to the database may create it.
    const account = await api.given.account({ username: `<b>'&"x` });
    const caller = { ...account, from: `sip:${encodeURIComponent(account.username)}@${account.domain}` };
    const path = await requested(caller, `o'neil&co@example.org`);
    for (const page of [await open(path), await post(path)]) {
      expect(page.status).toBe(200);
      expect(page.text).toContain("o'neil&amp;co@example.org");
      expect(page.text).toContain("sip:%3Cb%3E'&amp;%22x@sip.example.org");
      expect(page.text).not.toContain('<b>');
    }
  });

  describe('says that a link is not valid (any more)', () => {
    it('when it has expired, after 24 hours and not before', async () => {
      const account = await api.given.account();
      const [early, late] = [await requested(account), await requested(await api.given.account())];
      api.clock.advance(DAY - 60);
      expect((await open(early)).status).toBe(200);
      expect((await post(early)).status).toBe(200);
      api.clock.advance(60);
      await expectNotValid(late);
    });

    it('when a newer request replaced it', async () => {
      const account = await api.given.account({ email: 'old@example.org' });
      const first = await requested(account, 'first@example.org');
      const second = await requested(account, 'second@example.org');
      await expectNotValid(first);
      expect(await emailOf(account)).toBe('old@example.org');
      expect((await post(second)).status).toBe(200);
      expect(await emailOf(account)).toBe('second@example.org');
    });

    it('but an older link stays valid where the mail of the newer request was not delivered', async () => {
      const account = await api.given.account();
      const path = await requested(account, 'first@example.org');
      api.mails.fail();
      try {
        await api.withKey(account).post('/api/accounts/me/email/request', { email: 'second@example.org' });
      } finally {
        api.mails.recover();
      }
      expect((await post(path)).status).toBe(200);
      expect(await emailOf(account)).toBe('first@example.org');
    });

    it('when the account has been deleted', async () => {
      const account = await api.given.account();
      const path = await requested(account);
      await api.withKey(account).delete('/api/accounts/me');
      await expectNotValid(path);
    });

    it('when the secret is wrong, or of another case', async () => {
      const account = await api.given.account();
      const path = await requested(account);
      const [secret = ''] = path.split('/').slice(-1);
      const swapped = [...secret]
        .map((one) => (one === one.toLowerCase() ? one.toUpperCase() : one.toLowerCase()))
        .join('');
      const folder = path.slice(0, -secret.length);
      const [{ hash }] = await api.sql('SELECT hash FROM email_changed WHERE account_id = ?', [account.id]);
      for (const wrong of [swapped, secret.slice(1), `${secret}x`, `${secret}%20`, 'x', '%00', '%27', '%25', hash])
        await expectNotValid(folder + wrong);
      expect((await open(path)).status).toBe(200);
    });

    it.each([
      '0',
      '01',
      '1abc',
      '-1',
      '1.0',
      '99999999999',
      '4294967296',
      '9999999999',
      '%20',
      '%00',
      'null',
      '%F0%9F%98%80',
    ])('when the id is %s', async (id) => {
      const path = await requested(await api.given.account());
      await expectNotValid(path.replace(/\/\d+(?=\/[^/]+$)/, `/${id}`));
    });

    it('when it is another account’s', async () => {
      const [account, stranger] = [await api.given.account(), await api.given.account()];
      const [path, other] = [await requested(account), await requested(stranger)];
      const secret = path.split('/').at(-1) ?? '';
      await expectNotValid(other.replace(/[^/]+$/, secret));
      expect(await emailOf(stranger)).toBeNull();
    });
  });
});
