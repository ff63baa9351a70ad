import { Api } from '../support/api.js';
import { sendRequest } from '../support/http.js';
import { BEHIND_PROXY, stranger } from '../support/public-routes.js';
import { refusal } from '../support/refusal.js';

describe('GET /accounts/{sip}/info', () => {
  let api: Api;

  beforeAll(async () => {
    api = await Api.start({ environment: BEHIND_PROXY });
  });
  afterAll(() => api.stop());

  const info = (sip: string) => stranger(api).get(`/api/accounts/${sip}/info`);

  it('tells of an activated account that it is, and no realm where none is configured', async () => {
    const { sip } = await api.given.account({ email: 'john@example.org', phone: '+33611110001' });
    expect(await info(sip)).toMatchObject({ status: 200, json: { activated: true, realm: null } });
    expect(Object.keys((await info(sip)).json).toSorted()).toEqual(['activated', 'realm']);
  });

  it('tells of an account that waits for its code that it is not activated', async () => {
    const { sip } = await api.given.inactiveAccount();
    expect((await info(sip)).json).toEqual({ activated: false, realm: null });
  });

  it('finds an account in any domain, with and without a password', async () => {
    const { sip } = await api.given.account({ domain: 'other.example.org', stored: [] });
    expect((await info(sip)).json).toEqual({ activated: true, realm: null });
  });

  it.each([
    '+33611110002@sip.example.org',
    '%2B33611110002@sip.example.org',
    '+33611110002%40sip.example.org',
    '%2b33611110002%40sip.example.org',
  ])('takes @ and + raw or escaped: %s', async (sip) => {
    if ((await api.count('accounts', 'username = ?', ['+33611110002'])) === 0)
      await api.given.account({ username: '+33611110002' });
    expect((await info(sip)).status).toBe(200);
  });

  it('takes a trailing slash and HEAD', async () => {
    const { sip } = await api.given.account();
    expect((await stranger(api).get(`/api/accounts/${sip}/info/`)).json).toEqual({ activated: true, realm: null });
    const head = await stranger(api).send({ method: 'HEAD', path: `/api/accounts/${sip}/info` });
    expect(head).toMatchObject({ status: 200, text: '', headers: { 'content-type': 'application/json' } });
    expect(
      (await stranger(api).send({ method: 'HEAD', path: '/api/accounts/nobody@sip.example.org/info' })).status,
    ).toBe(404);
  });

  it('reads neither From nor credentials', async () => {
    const { sip } = await api.given.account();
    const headers = { from: ['nonsense', 'sip:nobody@nowhere'], 'x-api-key': '', authorization: 'Digest nonsense' };
    const answer = await stranger(api).send({ path: `/api/accounts/${sip}/info`, headers });
    expect(answer).toMatchObject({ status: 200, json: { activated: true, realm: null }, challenges: [] });
  });

  it('does not know an account that does not exist', async () => {
    expect(refusal(await info('nobody@sip.example.org'))).toBe('404 account_not_found');
  });

  it.each([
    ['another case of the name', 'Exact.Name@sip.example.org'],
    ['another case of the domain', 'exact.name@SIP.example.org'],
    ['a blank behind the name', 'exact.name%20@sip.example.org'],
    ['a blank before the name', '%20exact.name@sip.example.org'],
    ['a blank behind the domain', 'exact.name@sip.example.org%20'],
    ['an accent', 'ex%C3%A1ct.name@sip.example.org'],
    ['a combining accent', 'exa%CC%81ct.name@sip.example.org'],
    ['a dot behind the domain', 'exact.name@sip.example.org.'],
    ['a port', 'exact.name@sip.example.org:5060'],
    ['a NUL', 'exact.name%00@sip.example.org'],
    ['a zero-width blank', 'exact%E2%80%8B.name@sip.example.org'],
    ['the scheme in front', 'sip:exact.name@sip.example.org'],
    ['two domains', 'exact.name@sip.example.org@sip.example.org'],
    ['double escapes', 'exact%252Ename@sip.example.org'],
  ])('takes a name for another one with %s', async (_, sip) => {
    if ((await api.count('accounts', 'username = ?', ['exact.name'])) === 0)
      await api.given.account({ username: 'exact.name' });
    expect((await info('exact.name@sip.example.org')).status).toBe(200);
    expect(refusal(await info(sip))).toBe('404 account_not_found');
  });

  it('finds the very account where names differ in case and accent only', async () => {
    await api.given.account({ username: 'twin.name', domain: 'one.example.org', key: false });
    await api.given.inactiveAccount({ username: 'Twin.Name', domain: 'two.example.org', key: false });
    expect((await info('twin.name@one.example.org')).json.activated).toBe(true);
    expect((await info('Twin.Name@two.example.org')).json.activated).toBe(false);
    expect((await info('Twin.Name@one.example.org')).status).toBe(404);
    expect((await info('twin.name@two.example.org')).status).toBe(404);
  });

  it.each(['nobody', '1', '@sip.example.org', 'nobody@', '@', '%40', '%40%40'])(
    'answers 404 where the path holds no SIP address: %s',
    async (sip) => {
      expect(refusal(await info(sip))).toBe('404 account_not_found');
    },
  );

  it.each([
    ['escapes bytes that are no UTF-8', '%ff@sip.example.org'],
    ['escapes nothing', '%zz@sip.example.org'],
    ['is longer than any address', `${'x'.repeat(1_100)}@sip.example.org`],
  ])('answers 404, as JSON without charset like everything, where the path %s', async (_, sip) => {
    // The document has no status for a path that the router cannot parse, so `api.send` cannot be used.
    const answer = await sendRequest(api.origin, { path: `/api/accounts/${sip}/info` });
    expect(refusal(answer)).toMatch(/^404 (account|route)_not_found$/);
    expect(answer.headers).toMatchObject({ 'content-type': 'application/json', 'cache-control': 'no-store' });
    expect(answer.headers['x-request-id']).toMatch(/^[A-Za-z0-9._-]{1,64}$/);
  });

  it.each(['POST', 'PUT', 'PATCH', 'DELETE'])('answers %s with 405 and Allow', async (method) => {
    const { sip } = await api.given.account();
    const answer = await stranger(api).send({ method, path: `/api/accounts/${sip}/info` });
    expect(answer).toMatchObject({ status: 405, headers: { allow: 'GET, HEAD' } });
  });
});
