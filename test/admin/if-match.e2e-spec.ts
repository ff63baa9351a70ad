import { readIfMatch } from '../../src/admin/if-match.js';
import { Api } from '../support/api.js';
import type { GivenAccount } from '../support/factories.js';
import { ME } from '../support/http.js';
import { refusal, tally } from '../support/refusal.js';

const STRONG = /^"[\w-]{32}"$/;

describe('ETag and If-Match of an account', () => {
  let api: Api;
  let admin: GivenAccount;

  beforeAll(async () => {
    api = await Api.start();
    admin = await api.given.admin();
  });
  afterAll(() => api.stop());

  const send = (method: string, path: string, ifMatch?: string | string[], body?: object) =>
    api.withKey(admin).send({
      method,
      path: `/api/accounts/${path}`,
      headers: { ...(body && { 'content-type': 'application/json' }), ...(ifMatch && { 'if-match': ifMatch }) },
      body: body && JSON.stringify(body),
    });
  const tagOf = async (id: number | string) => String((await send('GET', String(id))).headers.etag);

  it('is one tag on every answer that shows the account to an administrator', async () => {
    const body = { username: api.given.unique('tagged'), password: 'secret words', email: 'tagged@example.org' };
    const created = await send('POST', '', undefined, { ...body, dictionary: { b: '1', 2: 'x', a: '3' } });
    const { id, sip_uri: uri } = created.json;
    const sip = String(uri).slice('sip:'.length);
    const tag = String(created.headers.etag);
    expect(tag).toMatch(STRONG);
    for (const path of [String(id), `${sip}/search`, 'tagged@example.org/search-by-email'])
      expect((await send('GET', path)).headers.etag).toBe(tag);
    expect((await send('HEAD', String(id))).headers.etag).toBe(tag);
    expect((await send('PATCH', String(id), tag, {})).headers.etag).toBe(tag);
    expect(created.headers['cache-control']).toBe('no-store');
    for (const [method, path, change] of [
      ['PATCH', `${id}`, { display_name: 'John' }],
      ['PUT', `${id}`, { username: body.username }],
      ['POST', `${id}/activate`, undefined],
      ['POST', `${id}/block`, undefined],
      ['POST', `${id}/unblock`, undefined],
      ['POST', `${id}/deactivate`, undefined],
    ] as const) {
      const before = await tagOf(id);
      const { headers, status } = await send(method, path, before, change);
      expect([path, status]).toEqual([path, 200]);
      expect(headers.etag).not.toBe(before);
      expect(headers.etag).toBe(await tagOf(id));
    }
  });

  it('is on the own account too, and on no error or list', async () => {
    const account = await api.given.account();
    const own = await api.withKey(account).get(ME);
    expect(own.headers.etag).toBe(await tagOf(account.id));
    expect((await send('GET', '4711000')).headers.etag).toBeUndefined();
    expect((await api.withKey(admin).get('/api/accounts')).headers.etag).toBeUndefined();
  });

  const CALLS = [
    ['PUT', '', (account: GivenAccount) => ({ username: account.username, display_name: 'changed' })],
    ['PATCH', '', () => ({ display_name: 'changed' })],
    ['DELETE', '', () => undefined],
    ['POST', '/block', () => undefined],
    ['POST', '/unblock', () => undefined],
    ['POST', '/activate', () => undefined],
    ['POST', '/deactivate', () => undefined],
    ['GET', '/activate', () => undefined],
    ['GET', '/deactivate', () => undefined],
  ] as const;

  describe.each(CALLS)('%s /accounts/{id}%s', (method, action, body) => {
    const stateFor = () => api.given.account({ blocked: action === '/unblock', activated: action !== '/activate' });
    const rowOf = async ({ id }: GivenAccount) => api.sql('SELECT * FROM accounts WHERE id = ?', [id]);

    it('changes nothing if no tag matches', async () => {
      const account = await stateFor();
      const tag = await tagOf(account.id);
      const before = await rowOf(account);
      for (const header of [
        '"other"',
        `W/${tag}`,
        `W/${tag}, "other"`,
        tag.slice(1, -1),
        'x',
        '"',
        ',',
        '*, *',
        `${tag} x`,
      ])
        expect([header, refusal(await send(method, `${account.id}${action}`, header, body(account)))]).toEqual([
          header,
          '412 precondition_failed',
        ]);
      expect(await rowOf(account)).toEqual(before);
    });

    it('is done if one matches, with *, and without the header', async () => {
      const headers = [
        async ({ id }: GivenAccount) => tagOf(id),
        async ({ id }: GivenAccount) => `"other" , W/"weak",${await tagOf(id)}`,
        async ({ id }: GivenAccount) => ['"other"', await tagOf(id)],
        async () => '*',
        async () => undefined,
      ];
      for (const headerFor of headers) {
        const account = await stateFor();
        const answer = await send(method, `${account.id}${action}`, await headerFor(account), body(account));
        expect(answer.status).toBe(200);
      }
    });

    it('is 404 for an account that does not exist, whatever the header', async () => {
      for (const header of ['*', '"other"'])
        expect(refusal(await send(method, `4711000${action}`, header, body(admin)))).toBe('404 account_not_found');
    });
  });

  it('lets one of 20 callers change the account that all have read', async () => {
    const { id } = await api.given.account();
    const tag = await tagOf(id);
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, index) => send('PATCH', String(id), tag, { display_name: `name ${index}` })),
    );
    expect(tally(answers)).toEqual({ 200: 1, '412 precondition_failed': 19 });
  });

  it('reads hostile lists in no time', () => {
    for (const part of ['"', 'W/', '"a",', ' ', ',', 'W/"', '"a" ']) {
      const start = performance.now();
      readIfMatch(part.repeat(8_000));
      expect(performance.now() - start).toBeLessThan(500);
    }
  });
});
