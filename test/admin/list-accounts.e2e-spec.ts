import { Api, PUBLIC_URL } from '../support/api.js';
import type { GivenAccount } from '../support/factories.js';
import { refusal } from '../support/refusal.js';

const PATH = '/api/accounts';
const URL_OF_LIST = `${PUBLIC_URL}/api/accounts`;
const TOTAL = 25;

const MEMBERS = [
  'current_page',
  'data',
  'first_page_url',
  'from',
  'last_page',
  'last_page_url',
  'links',
  'next_page_url',
  'path',
  'per_page',
  'prev_page_url',
  'to',
  'total',
];

describe('GET /accounts', () => {
  let api: Api;
  let admin: GivenAccount;
  const ids: number[] = [];

  beforeAll(async () => {
    api = await Api.start({ environment: { RATE_LIMITS: 'off' } });
    admin = await api.given.admin({ stored: ['MD5', 'SHA-256'], email: 'admin@example.org', phone: '+33630000001' });
    ids.push(admin.id);
    while (ids.length < TOTAL) {
      // Several rows beside an account must not count as several accounts.
      const account = await (ids.length % 2
        ? api.given.account({ stored: ['MD5', 'SHA-256'] })
        : api.given.inactiveAccount({ stored: ['SHA-256', 'MD5'], confirmationExpiresIn: 3600 }));
      await api.sql('INSERT INTO activation_expirations (account_id, expires) VALUES (?, ?)', [
        account.id,
        api.given.moment(7200),
      ]);
      ids.push(account.id);
    }
  });
  afterAll(() => api.stop());

  const list = (query = '') => api.withKey(admin).get(`${PATH}${query}`);
  const idsOf = (page: { data: { id: number }[] }) => page.data.map(({ id }) => id);

  /** A URL of a page: what it is of, and its query. */
  const target = (url: string) => {
    const { origin, pathname, searchParams } = new URL(url);
    return { path: origin + pathname, query: Object.fromEntries(searchParams) };
  };

  it('gives 20 accounts by id, with exactly the members of a page', async () => {
    const { status, json } = await list();
    expect(status).toBe(200);
    expect(Object.keys(json).toSorted()).toEqual(MEMBERS);
    expect(idsOf(json)).toEqual(ids.slice(0, 20));
    expect(json).toMatchObject({
      current_page: 1,
      from: 1,
      to: 20,
      last_page: 2,
      per_page: 20,
      total: TOTAL,
      prev_page_url: null,
      path: URL_OF_LIST,
    });
    expect(target(json.first_page_url)).toEqual({ path: URL_OF_LIST, query: { page: '1' } });
    expect(target(json.next_page_url)).toEqual({ path: URL_OF_LIST, query: { page: '2' } });
    expect(target(json.last_page_url)).toEqual({ path: URL_OF_LIST, query: { page: '2' } });
    expect(json.links).toEqual([
      { url: null, label: '&laquo; Previous', active: false },
      { url: json.first_page_url, label: '1', active: true },
      { url: json.next_page_url, label: '2', active: false },
      { url: json.next_page_url, label: 'Next &raquo;', active: false },
    ]);
  });

  it('gives the rest on the last page', async () => {
    const { json } = await list('?page=2');
    expect(idsOf(json)).toEqual(ids.slice(20));
    expect(json).toMatchObject({
      current_page: 2,
      from: 21,
      to: 25,
      last_page: 2,
      per_page: 20,
      total: TOTAL,
      next_page_url: null,
    });
    expect(target(json.prev_page_url)).toEqual({ path: URL_OF_LIST, query: { page: '1' } });
  });

  it('repeats per_page in the URLs if it was given, even when it is the default', async () => {
    const { json } = await list('?page=3&per_page=4');
    expect(idsOf(json)).toEqual(ids.slice(8, 12));
    expect(json).toMatchObject({
      current_page: 3,
      from: 9,
      to: 12,
      last_page: 7,
      per_page: 4,
      total: TOTAL,
      path: URL_OF_LIST,
    });
    expect(target(json.first_page_url).query).toEqual({ page: '1', per_page: '4' });
    expect(target(json.prev_page_url).query).toEqual({ page: '2', per_page: '4' });
    expect(target(json.next_page_url).query).toEqual({ page: '4', per_page: '4' });
    expect(target(json.last_page_url).query).toEqual({ page: '7', per_page: '4' });
    expect(target((await list('?per_page=20')).json.next_page_url).query).toEqual({ page: '2', per_page: '20' });
  });

  it('leads through all accounts by its own URLs, each once', async () => {
    const seen: number[] = [];
    let query: string | null = '?per_page=7';
    while (query !== null) {
      const { json } = await list(query);
      seen.push(...idsOf(json));
      query = json.next_page_url && new URL(json.next_page_url).search;
    }
    expect(seen).toEqual(ids);
  });

  it.each([
    ['1', 1, 25],
    ['25', 25, 1],
    ['24', 24, 2],
    ['100', 25, 1],
  ])('takes %s for per_page', async (perPage, shown, last) => {
    const { json } = await list(`?per_page=${perPage}`);
    expect(json.data).toHaveLength(shown);
    expect(json).toMatchObject({ per_page: Number(perPage), last_page: last, from: 1, to: shown });
  });

  it.each(['?page=3', '?page=2147483647', '?page=2147483647&per_page=100'])(
    'is empty past the end, from and to null: %s',
    async (query) => {
      const { status, json } = await list(query);
      expect(status).toBe(200);
      expect(Object.keys(json).toSorted()).toEqual(MEMBERS);
      expect(json).toMatchObject({ data: [], from: null, to: null, next_page_url: null, total: TOTAL });
      expect(String(json.current_page)).toBe(new URLSearchParams(query).get('page'));
      expect(json.last_page).toBe(query.includes('per_page') ? 1 : 2);
    },
  );

  it('shows accounts exactly as they are elsewhere, without a confirmation key', async () => {
    const { json, text } = await list('?per_page=100');
    expect(json.data[0]).toEqual((await api.withKey(admin).get('/api/accounts/me')).json);
    const waiting = json.data.find(({ activated }: { activated: boolean }) => !activated);
    const { confirmation_key: key, ...shown } = (await api.withKey(admin).get(`${PATH}/${waiting.id}`)).json;
    expect(key).toBe('aZ3kP9sQ1xW7b');
    expect(waiting).toEqual(shown);
    expect(text).not.toContain('confirmation_key"');
    expect(text).not.toContain('aZ3kP9sQ1xW7b');
  });

  it('builds its URLs on the public URL, whatever Host and the proxy headers say', async () => {
    const headers = {
      host: 'evil.example.net',
      'x-forwarded-host': 'evil.example.net',
      'x-forwarded-prefix': '/evil',
      'x-forwarded-proto': 'http',
    };
    const answer = await api.withKey(admin).send({ path: `${PATH}?page=2&per_page=5`, headers });
    expect(answer.status).toBe(200);
    expect(answer.text).not.toContain('evil');
    expect(answer.json.path).toBe(URL_OF_LIST);
  });

  it('ignores other members of the query, and does not repeat them', async () => {
    const { status, json } = await list('?page=1&sort=id&_method=DELETE&token=secret');
    expect(status).toBe(200);
    expect(target(json.next_page_url).query).toEqual({ page: '2' });
  });

  it('takes a trailing slash, the path of the public URL, Digest and HEAD', async () => {
    expect((await list('/?page=2')).json.current_page).toBe(2);
    expect((await api.withKey(admin).get(`/flexiapi${PATH}?page=2`)).json.current_page).toBe(2);
    expect((await api.withDigest(admin).get(`${PATH}?page=2&per_page=3`)).json.current_page).toBe(2);
    expect(await api.withKey(admin).send({ method: 'HEAD', path: PATH })).toMatchObject({ status: 200, text: '' });
  });

  describe('refuses', () => {
    const odd = [
      '',
      '0',
      '-1',
      '1.5',
      '1e1',
      '0x1',
      'abc',
      '1abc',
      '%201',
      '1%20',
      '1%0A',
      '%2B1',
      '%D9%A1',
      'null',
      'true',
      '99999999999999999999',
    ];

    it.each([...odd, '2147483648'])('page=%s', async (page) => {
      expect(refusal(await list(`?page=${page}`))).toBe('422 validation_failed page');
    });

    it.each([...odd, '101'])('per_page=%s', async (perPage) => {
      expect(refusal(await list(`?per_page=${perPage}`))).toBe('422 validation_failed per_page');
    });

    it('both at once, a list of pages, and a page without a value', async () => {
      expect(refusal(await list('?page=0&per_page=0'))).toBe('422 validation_failed page,per_page');
      expect(refusal(await list('?page=1&page=2'))).toBe('422 validation_failed page');
      expect(refusal(await list('?page'))).toBe('422 validation_failed page');
    });

    it('a caller without credentials, before it looks at the query', async () => {
      const answer = await api.anonymous().send({ path: `${PATH}?page=0`, headers: { from: admin.from } });
      expect(refusal(answer)).toBe('401 authentication_required');
    });

    it('an account that is no administrator, before it looks at the query', async () => {
      const account = { ...admin, ...(await api.given.account()) };
      expect(refusal(await api.withKey(account).get(`${PATH}?page=0`))).toBe('403 admin_required');
      await api.withKey(account).delete('/api/accounts/me');
    });

    it('an administrator who is not activated', async () => {
      const account = await api.given.inactiveAccount({ admin: true });
      expect(refusal(await api.withKey(account).get(PATH))).toBe('403 account_not_activated');
      await api.withKey(admin).delete(`${PATH}/${account.id}`);
    });

    it('other methods', async () => {
      for (const method of ['PUT', 'PATCH', 'DELETE']) {
        const answer = await api.withKey(admin).send({ method, path: PATH });
        expect(refusal(answer)).toBe('405 method_not_allowed');
        expect(answer.headers.allow?.split(', ').toSorted()).toEqual(['GET', 'HEAD', 'POST']);
      }
    });
  });
});
