import { Api } from '../support/api.js';
import type { GivenAccount } from '../support/factories.js';
import { Visitor } from '../support/visitor.js';

describe('An administrator in the panel', () => {
  let api: Api;
  let admin: GivenAccount;
  let visitor: Visitor;

  beforeAll(async () => {
    api = await Api.start();
    admin = await api.given.admin({ key: false, username: 'boss01' });
    visitor = new Visitor(api);
    await visitor.signIn(admin);
  });
  afterAll(() => api.stop());

  const statusWith = async (apiKey: string) => (await api.withKey({ ...admin, apiKey }).get('/api/accounts')).status;

  describe('with an API key', () => {
    const generate = async () => {
      // Asks first where there is a key.
      await visitor.open('/account/api-key/generate');
      const answer = await visitor.submit('/account/api-key/generate');
      expect(answer.status).toBe(200);
      expect(answer.headers['cache-control']).toBe('no-store');
      return /<output>([^<]*)<\/output>/.exec(answer.text)?.[1] ?? '';
    };

    it('sees it once, and it works', async () => {
      await visitor.open('/account/api-key');
      expect(visitor.text).toContain('You have no API key.');
      const key = await generate();
      expect(key).toMatch(/^[A-Za-z0-9]{40}$/);
      expect(await statusWith(key)).toBe(200);
      expect((await visitor.open('/account/api-key')).text).not.toContain(key);
      expect(visitor.text).toContain('You have an API key.');
      expect(api.log.join('\n')).not.toContain(key);
    });

    it('asks before it ends one that is live, by either button, and keeps it until then', async () => {
      const key = await generate();
      await visitor.open('/account/api-key');
      expect(visitor.forms().filter(({ action }) => action.includes('api-key'))).toEqual([]);
      for (const page of ['/account/api-key/generate', '/account/api-key/revoke']) {
        expect((await visitor.open(page)).text).toContain(
          'Programs that use the key of this account stop working at once.',
        );
        const { fields = {} } = visitor.forms().find(({ action }) => action.endsWith(page)) ?? {};
        // As from a page that was open since before there was a key.
        await visitor.submit(page, { ends: '0' });
        expect(visitor.text).toContain('Revoke the API key?');
        expect(fields.ends).toBe('1');
        expect(await statusWith(key)).toBe(200);
      }
    });

    it('replaces it by a new one', async () => {
      const [first, second] = [await generate(), await generate()];
      expect(await statusWith(first)).toBe(401);
      expect(await statusWith(second)).toBe(200);
      expect(await api.count('api_keys', 'account_id = ?', [admin.id])).toBe(1);
    });

    it('has one at most, however many are generated at once', async () => {
      await visitor.open('/account/api-key/generate');
      const form = visitor.forms().find(({ action }) => action.endsWith('generate'));
      const cookie = [...visitor.cookies].map((pair) => pair.join('=')).join('; ');
      const headers = { cookie, 'content-type': 'application/x-www-form-urlencoded' };
      const request = {
        method: 'POST',
        path: '/account/api-key/generate',
        headers,
        body: new URLSearchParams(form?.fields).toString(),
      };
      const answers = await Promise.all(Array.from({ length: 8 }, () => api.send(request)));
      expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 8 }, () => 200));
      expect(await api.count('api_keys', 'account_id = ?', [admin.id])).toBe(1);
    });

    it('revokes it', async () => {
      const key = await generate();
      await visitor.open('/account/api-key/revoke');
      await visitor.submit('/account/api-key/revoke');
      expect(visitor.text).toContain('The API key is revoked.');
      expect(await statusWith(key)).toBe(401);
      expect(visitor.forms().some(({ action }) => action.endsWith('revoke'))).toBe(false);
    });
  });

  describe('looking for accounts', () => {
    const found = async (search: string) => {
      const answer = await visitor.open(`/account/accounts?search=${encodeURIComponent(search)}`);
      expect(answer.status).toBe(200);
      return [...answer.text.matchAll(/href="\/flexiapi\/account\/accounts\/\d+">([^<]*)</g)].map(([, sip]) => sip);
    };
    const sips = (...accounts: GivenAccount[]) => accounts.map(({ sip }) => `sip:${sip}`);

    it('finds them by parts of the SIP address, the e-mail address and the number', async () => {
      const alice = await api.given.account({
        username: 'alice.finder',
        email: 'wonder@land.example',
        phone: '+33699990001',
      });
      const bob = await api.given.account({ username: 'bob_finder', domain: 'other.example.org' });
      expect(await found('finder')).toEqual(sips(alice, bob));
      expect(await found('ALICE.f')).toEqual(sips(alice));
      expect(await found('finder@other')).toEqual(sips(bob));
      expect(await found('der@land')).toEqual(sips(alice));
      expect(await found('+3369999')).toEqual(sips(alice));
      expect(await found(' bob_finder ')).toEqual(sips(bob));
      // As it is shown, and the beginning of that.
      expect(await found(`sip:${bob.sip}`)).toEqual(sips(bob));
      expect(await found('sip:bob_f')).toEqual(sips(bob));
      await api.given.account({ username: 'zoé;finder' });
      expect(await found('sip:zo%C3%A9%3Bfinder@sip.example.org')).toEqual(['sip:zo%C3%A9%3Bfinder@sip.example.org']);
      expect(await found('zoé;f')).toHaveLength(1);
    });

    it.each(['%', '_________________________', '!', "' OR '1'='1", '\\', '\u{1F600}', '<b>'])(
      'takes %s literally',
      async (search) => {
        const answer = await visitor.open(`/account/accounts?search=${encodeURIComponent(search)}`);
        expect(answer.status).toBe(200);
        expect(visitor.text).toContain('No account was found.');
        expect(answer.text).not.toContain('<b>');
      },
    );

    it('goes through all, a page at a time', async () => {
      for (let serial = 0; serial < 45; serial++)
        await api.given.account({ username: `paged${serial + 100}`, stored: [], key: false });
      const seen: string[] = [];
      for (let path = '/account/accounts?search=paged'; path !== '';) {
        await visitor.open(path);
        seen.push(...[...visitor.page.text.matchAll(/accounts\/\d+">sip:(paged\d+)@/g)].map(([, name = '']) => name));
        path = /rel="next" href="\/flexiapi([^"]*)"/.exec(visitor.page.text)?.[1]?.replaceAll('&amp;', '&') ?? '';
      }
      expect(seen).toEqual(Array.from({ length: 45 }, (_, serial) => `paged${serial + 100}`));
      expect(visitor.text).toContain('Page 3 of 3');
      expect((await visitor.open('/account/accounts?page=x')).status).toBe(422);
      expect((await visitor.open('/account/accounts?page=99')).status).toBe(200);
    });
  });

  it('creates an account, and sees its activation code', async () => {
    await visitor.open('/account/accounts/new');
    const entered = { username: 'newcomer', password: 'secret words', algorithm: 'MD5', email: 'new@example.org' };
    await visitor.submit('/account/accounts/new', entered);
    expect(visitor.path).toMatch(/^\/account\/accounts\/\d+$/);
    expect(visitor.text).toContain('The account is created.');
    const [row] = await api.sql("SELECT * FROM accounts WHERE username = 'newcomer'");
    expect(row).toMatchObject({
      domain: 'sip.example.org',
      email: 'new@example.org',
      activated: 0,
      ip_address: '127.0.0.1',
    });
    expect(visitor.text).toContain(row.confirmation_key);
    expect(api.mails.attempts).toBe(0);
    await visitor.open('/account/accounts/new');
    expect((await visitor.submit('/account/accounts/new', entered)).status).toBe(422);
    expect(visitor.text).toContain('This username is already taken.');
    expect(visitor.page.text).toContain('value="newcomer"');
    expect(visitor.page.text).not.toContain('secret words');
    expect((await visitor.submit('/account/accounts/new', { username: 'x', domain: 'NOT A HOST' })).status).toBe(422);
    expect(await api.count('accounts', "username = 'x'")).toBe(0);
  });

  it('creates an administrator who may sign in at once', async () => {
    await visitor.open('/account/accounts/new');
    const entered = {
      username: 'second.boss',
      domain: 'other.example.org',
      password: 'secret words',
      algorithm: 'SHA-256',
      activated: '1',
      admin: '1',
    };
    await visitor.submit('/account/accounts/new', entered);
    const other = new Visitor(api);
    await other.signIn({ ...admin, sip: 'second.boss@other.example.org' });
    expect((await other.open('/account/accounts')).status).toBe(200);
  });

  it('activates, deactivates and deletes one', async () => {
    const account = await api.given.inactiveAccount();
    const page = `/account/accounts/${account.id}`;
    const activated = async () =>
      (await api.sql('SELECT activated FROM accounts WHERE id = ?', [account.id]))[0]?.activated;
    await visitor.open(page);
    await visitor.submit('/activate');
    expect(visitor.text).toContain('The account is activated.');
    expect(await activated()).toBe(1);
    await visitor.submit('/deactivate');
    expect(visitor.text).toContain('The account is deactivated.');
    expect(await activated()).toBe(0);
    await visitor.open(`${page}/delete`);
    expect(visitor.text).toContain(`Delete sip:${account.sip}, with its password`);
    await visitor.submit('/delete');
    expect(visitor.path).toBe('/account/accounts');
    expect(await activated()).toBeUndefined();
    expect((await visitor.open(page)).status).toBe(404);
  });

  it('blocks and unblocks one, after a question', async () => {
    const account = await api.given.account();
    const browser = new Visitor(api);
    await browser.signIn(await api.given.admin());
    const isBlocked = async () => api.count('accounts', 'id = ? AND blocked = 1 AND activated = 0', [account.id]);
    await browser.open(`/account/accounts/${account.id}/block`);
    expect(browser.text).toContain(`Block sip:${account.sip}?`);
    expect(await isBlocked()).toBe(0);
    await browser.submit('/block');
    expect(browser.text).toContain('The account is blocked.');
    expect(await isBlocked()).toBe(1);
    await browser.open(`/account/accounts?search=${account.username}`);
    expect(browser.text).toContain('activated, blocked');
    await browser.open(`/account/accounts/${account.id}`);
    await browser.submit('/unblock');
    expect(browser.text).toContain('The account is unblocked.');
    expect(await isBlocked()).toBe(0);
  });

  it('cannot block himself', async () => {
    const himself = await api.given.admin();
    const browser = new Visitor(api);
    await browser.signIn(himself);
    await browser.open(`/account/accounts/${himself.id}/block`);
    expect((await browser.submit('/block')).status).toBe(403);
    expect(browser.text).toContain('You cannot do this to your own account.');
  });

  it('is not offered buttons that would end his own account with a click', async () => {
    await visitor.open(`/account/accounts/${admin.id}`);
    expect(visitor.text).toContain('This is your own account.');
    expect(visitor.forms().map(({ action }) => action)).toEqual(['/account/sign-out']);
  });

  it('who has lost the right may do none of this', async () => {
    const former = await api.given.admin();
    const other = new Visitor(api);
    await other.signIn(former);
    await other.open('/account/api-key/generate');
    await api.sql('DELETE FROM admins WHERE account_id = ?', [former.id]);
    expect((await other.submit('/account/api-key/generate')).status).toBe(403);
    expect((await other.open('/account/accounts')).status).toBe(403);
    expect((await other.open('/account')).text).not.toContain('/account/accounts');
  });
});
