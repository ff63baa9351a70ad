import { Api } from '../support/api.js';
import type { GivenAccount } from '../support/factories.js';
import { refusal } from '../support/refusal.js';
import { isOnServer } from '../support/test-database.js';

describe('An administrator who searches for one account', () => {
  let api: Api;
  let admin: GivenAccount;

  beforeAll(async () => {
    api = await Api.start();
    admin = await api.given.admin();
  });
  afterAll(() => api.stop());

  const get = (text: string, by: string, as = admin) => api.withKey(as).get(`/api/accounts/${text}/${by}`);
  const bySip = (sip: string) => get(encodeURIComponent(sip), 'search');
  const byEmail = (email: string) => get(encodeURIComponent(email), 'search-by-email');

  it('gets it by its SIP address, as it is shown by its id, without its confirmation key', async () => {
    const account = await api.given.inactiveAccount({ email: 'shown@example.org', phone: '+33660000001' });
    const { confirmation_key: key, ...shown } = (await api.withKey(admin).get(`/api/accounts/${account.id}`)).json;
    expect(key).not.toBeNull();
    expect(await bySip(account.sip)).toMatchObject({ status: 200, json: { ...shown, call_forwardings: [] } });
    expect((await get(account.sip, 'search')).json).toEqual({ ...shown, call_forwardings: [] });
    expect((await byEmail('shown@example.org')).json).toEqual({ ...shown, call_forwardings: [] });
  });

  it.each([
    'nobody@sip.example.org',
    'nobody',
    'a@b@c',
    '@sip.example.org',
    'x@',
    'sip:nobody@sip.example.org',
    "' OR '1'='1@x",
    '%@sip.example.org',
    '_@sip.example.org',
    '日本@sip.example.org',
    '\u{1f4f1}@sip.example.org',
    'a\0b@sip.example.org',
  ])('finds nothing for "%s"', async (text) => {
    expect(refusal(await bySip(text))).toBe('404 account_not_found');
    expect(refusal(await byEmail(text))).toBe('404 account_not_found');
  });

  it('gets the oldest of several with one e-mail address', async () => {
    const [oldest] = [
      await api.given.account({ email: 'shared@example.org' }),
      await api.given.account({ email: 'shared@example.org' }),
      await api.given.account({ email: 'shared@example.org', activated: false }),
    ];
    expect((await byEmail('shared@example.org')).json.id).toBe(oldest.id);
    await api.withKey(admin).post(`/api/accounts/${oldest.id}/block`);
    expect((await byEmail('shared@example.org')).json).toMatchObject({ id: oldest.id, blocked: true });
  });

  it('finds an e-mail address by its bytes, whatever the collation takes for equal', async () => {
    const variants = ['Case@example.org', 'case@example.org', 'case@example.org ', 'cäse@example.org'];
    const given = [];
    for (const email of variants) given.push(await api.given.account({ email }));
    for (const [index, email] of variants.entries()) expect((await byEmail(email)).json.id).toBe(given[index]?.id);
    expect(refusal(await byEmail('CASE@example.org'))).toBe('404 account_not_found');
    expect(refusal(await byEmail('case@example.org  '))).toBe('404 account_not_found');
  });

  it('finds the username by its bytes', async () => {
    const { sip } = await api.given.account({ username: 'by-bytes' });
    expect((await bySip(sip)).status).toBe(200);
    expect(refusal(await bySip(sip.replace('by', 'By')))).toBe('404 account_not_found');
    expect(refusal(await bySip(`${sip} `))).toBe('404 account_not_found');
  });

  it('is served by an index on the e-mail address', async () => {
    const query = 'SELECT MIN(id) FROM accounts WHERE email = ?';
    if (isOnServer) {
      await api.given.account({ email: 'indexed@example.org' });
      const bytes = 'AND CAST(CONVERT(email USING utf8mb4) AS BINARY) = CAST(? AS BINARY)';
      const parameters = ['indexed@example.org', 'indexed@example.org'];
      const [plan] = await api.sql(`EXPLAIN FORMAT=TRADITIONAL ${query} ${bytes}`, parameters);
      expect(plan.key).toBe('accounts_email_lookup');
    } else {
      const plan = await api.sql(`EXPLAIN QUERY PLAN ${query}`, ['indexed@example.org']);
      expect(plan.map(({ detail }) => String(detail)).join()).toContain('accounts_email_lookup');
    }
  });

  it.each(['search', 'search-by-email'])('must be one, and asks by GET: %s', async (by) => {
    const account = await api.given.account({ email: 'own@example.org' });
    const text = by === 'search' ? account.sip : 'own@example.org';
    expect(refusal(await get(text, by, account))).toBe('403 admin_required');
    const answer = await api.withKey(admin).post(`/api/accounts/${text}/${by}`);
    expect([answer.status, answer.headers.allow]).toEqual([405, 'GET, HEAD']);
  });
});
