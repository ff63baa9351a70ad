import { Api } from '../support/api.js';
import { DigestClient } from '../support/digest-client.js';
import type { GivenAccount } from '../support/factories.js';
import { ME, sendRequest } from '../support/http.js';
import { registrationBody } from '../support/public-routes.js';
import { refusal } from '../support/refusal.js';
import { Visitor } from '../support/visitor.js';

const JSON_TYPE = { 'content-type': 'application/json' };

/** A text as its UTF-8 bytes go over the wire: Node's client sends each character as one byte. */
const utf8 = (text: string): string => Buffer.from(text, 'utf8').toString('latin1');

/** Bytes that are no UTF-8: alone, cut short, overlong, a surrogate, and what an old client means by `Jürgen`. */
const NOT_UTF8 = ['\xff', 'a\xc3', '\xc0\xaf', '\xed\xa0\x80', 'J\xfcrgen'];

describe('Text that comes as bytes', () => {
  let api: Api;
  let admin: GivenAccount;

  beforeAll(async () => {
    api = await Api.start({ environment: { USERNAME_PATTERN: String.raw`[\p{L}\p{N}.-]+` } });
    admin = await api.given.admin();
  });
  afterAll(() => api.stop());

  const stored = async (id: number) =>
    (await api.sql('SELECT user_agent FROM accounts WHERE id = ?', [id]))[0].user_agent;

  describe('the User-Agent of a client that creates an account', () => {
    const creations: Record<string, (userAgent: string) => Promise<{ id: number; user_agent: string }>> = {
      'with a token': async (userAgent) => {
        const body = JSON.stringify(await registrationBody(api));
        const headers = { ...JSON_TYPE, 'user-agent': userAgent };
        return (await api.send({ method: 'POST', path: '/api/accounts/with-token', headers, body })).json;
      },
      'by an administrator': async (userAgent) => {
        const body = JSON.stringify({
          username: api.given.unique('newcomer'),
          password: 'correct horse',
          algorithm: 'MD5',
        });
        const headers = { ...JSON_TYPE, 'user-agent': userAgent };
        return (await api.withKey(admin).send({ method: 'POST', path: '/api/accounts', headers, body })).json;
      },
      'on a page': async (userAgent) => {
        const visitor = new Visitor(api, { 'user-agent': userAgent });
        await visitor.signIn(admin);
        const username = api.given.unique('newcomer');
        await visitor.open('/account/accounts/new');
        await visitor.submit('/account/accounts/new', { username, password: 'correct horse', algorithm: 'MD5' });
        return (await api.sql('SELECT id, user_agent FROM accounts WHERE username = ?', [username]))[0];
      },
    };

    it.each(Object.keys(creations))('is kept as it was written: %s', async (how) => {
      for (const text of ['John’s iPhone', 'Jürgen/1.0', '日本語', 'Linphone 📱 (🧑‍💻)']) {
        const account = await creations[how]?.(utf8(text));
        expect(account?.user_agent).toBe(text);
        expect(await stored(Number(account?.id))).toBe(text);
      }
    });

    it('has a replacement character for each sequence of bytes that are not UTF-8', async () => {
      for (const bytes of NOT_UTF8) {
        const account = await creations['with a token']?.(`App ${bytes} 1`);
        expect(account?.user_agent).toMatch(/^App [a-zJ]*\ufffd+(rgen)? 1$/);
        expect(await stored(Number(account?.id))).toBe(account?.user_agent);
      }
    });

    it('is cut to 256 characters, and no character in two', async () => {
      for (const text of ['x'.repeat(255) + '📱📱', '📱'.repeat(300), 'é'.repeat(300)]) {
        const expected = [...text].slice(0, 256).join('');
        const account = await creations['with a token']?.(utf8(text));
        expect(account?.user_agent).toBe(expected);
        expect(await stored(Number(account?.id))).toBe(expected);
      }
    });
  });

  it('a name beyond ASCII is one and the same in a body, a path, From and Authorization', async () => {
    const username = `${api.given.unique('jürgen')}日本`;
    const created = await api
      .withKey(admin)
      .post('/api/accounts', { username, password: 'correct horse', algorithm: 'MD5', activated: true });
    expect(created.json).toMatchObject({ username });
    expect(
      (await api.send({ path: `/api/accounts/${encodeURIComponent(username)}@sip.example.org/info` })).json,
    ).toMatchObject({
      activated: true,
    });
    const from = `sip:${encodeURIComponent(username)}@sip.example.org`;
    const client = await DigestClient.start(api, { from, username, password: 'correct horse' });
    const authorization = utf8(client.authorize());
    expect((await api.send({ path: ME, headers: { from, authorization } })).json).toMatchObject({ username });
  });

  describe('bytes that are not UTF-8', () => {
    let alice: GivenAccount;
    let names: string[];

    beforeAll(async () => {
      alice = await api.given.account();
      // The replacement character itself is a name like any other, and not theirs.
      await api.given.account({ username: 'name\ufffd' });
      names = NOT_UTF8.map((bytes) => `name${bytes}`);
    });

    it('in From are malformed', async () => {
      for (const name of names) {
        const answer = await api.send({ path: ME, headers: { from: `sip:${name}@sip.example.org` } });
        expect(answer).toMatchObject({ status: 422, json: { errors: { from: expect.any(Array) as string[] } } });
      }
    });

    it('in Authorization are malformed, whatever parameter they are in', async () => {
      const from = `sip:${encodeURIComponent('name\ufffd')}@sip.example.org`;
      const client = await DigestClient.start(api, { from, username: 'name', password: 'secret words' });
      const right = client.authorize();
      const wrong = NOT_UTF8.flatMap((bytes) => [
        right.replace('name', `name${bytes}`),
        `${right}, unknown="${bytes}"`,
      ]);
      for (const authorization of wrong)
        expect((await api.send({ path: ME, headers: { from, authorization } })).status).toBe(401);
    });

    it('in a key are a wrong key', async () => {
      for (const bytes of NOT_UTF8) {
        const headers = { from: alice.from, 'x-api-key': `${alice.apiKey}${bytes}` };
        expect((await api.send({ path: ME, headers })).status).toBe(401);
      }
    });

    it('in a path lead nowhere, escaped; raw, any byte beyond ASCII is no HTTP', async () => {
      for (const name of ['name%FF', 'name%C3', 'name%ED%A0%80']) {
        expect((await api.send({ path: `/api/accounts/${name}@sip.example.org/info` })).status).toBe(404);
      }
      for (const name of [...names, utf8('name\ufffd')]) {
        const { status } = await sendRequest(api.origin, { path: `/api/accounts/${name}@sip.example.org/info` });
        expect(status).toBe(400);
      }
    });

    it('in a body are no JSON, and no form', async () => {
      for (const bytes of NOT_UTF8) {
        const body = Buffer.from(`{"code":"${bytes}"}`, 'latin1');
        const answer = await api.send({
          method: 'POST',
          path: `/api/accounts/${alice.sip}/activate/email`,
          headers: JSON_TYPE,
          body,
        });
        expect(refusal(answer)).toBe('400 body_not_json');
      }
      const visitor = new Visitor(api);
      await visitor.signIn(alice);
      await visitor.open('/account/password');
      const request = visitor.toSubmit('/account/password', { algorithm: 'MD5', old_password: alice.password });
      for (const bytes of [...NOT_UTF8, '%FF', '%ED%A0%80']) {
        const body = Buffer.from(
          `${String(request.body)}&password=new+words${bytes}&repeat=new+words${bytes}`,
          'latin1',
        );
        expect((await api.send({ ...request, body })).status).toBe(400);
      }
      const before = await api.withDigest(alice).get(ME);
      expect(before.status).toBe(200);
    });

    it('in a query are kept as they were written', async () => {
      const visitor = new Visitor(api);
      await visitor.signIn(admin);
      for (const text of ['%FF', 'name%C3', '%ED%A0%80']) {
        expect((await visitor.open(`/account/accounts?search=${text}`)).status).toBe(200);
        expect((await api.withKey(admin).get(`/api/accounts?page=${text}`)).status).toBe(422);
      }
    });

    it('in a header that is not stored change nothing', async () => {
      for (const bytes of NOT_UTF8) {
        for (const name of [
          'accept-language',
          'x-request-id',
          'cookie',
          'origin',
          'referer',
          'x-forwarded-for',
          'x-unknown',
        ]) {
          const answer = await api.withKey(alice).send({ path: ME, headers: { [name]: `en${bytes}` } });
          expect([name, answer.status]).toEqual([name, 200]);
          expect(answer.headers['x-request-id']).toMatch(/^[\w-]{36}$/);
        }
        const cookie = `flexisip_panel=${bytes}.${bytes}`;
        expect((await api.send({ path: '/account', headers: { cookie, 'accept-language': bytes } })).status).toBe(303);
      }
    });
  });
});
