import { Api } from '../support/api.js';
import { ha1Of } from '../support/digest-client.js';

const REALM = 'Example Realm';

describe('An account where a realm is configured', () => {
  let api: Api;

  beforeAll(async () => {
    api = await Api.start({ environment: { ACCOUNT_REALM: REALM, RATE_LIMITS: 'off' } });
  });
  afterAll(() => api.stop());

  const ha1 = (username: string, password: string) => ha1Of('SHA-256', { username, realm: REALM, password });

  it('shows the realm', async () => {
    const [admin, account] = [await api.given.admin(), await api.given.account()];
    expect((await api.withDigest(account).get('/api/accounts/me')).json.realm).toBe(REALM);
    expect((await api.withKey(admin).get(`/api/accounts/${account.id}`)).json.realm).toBe(REALM);
    expect((await api.withKey(admin).get('/api/accounts')).json.data[0].realm).toBe(REALM);
  });

  it('has its password hashed with the realm, whatever its domain', async () => {
    const account = await api.given.account({ domain: 'other.example.org' });
    const body = { algorithm: 'SHA-256', password: 'new password', old_password: account.password };
    expect((await api.withDigest(account).post('/api/accounts/me/password', body)).status).toBe(200);
    expect(await api.sql('SELECT algorithm, password FROM passwords WHERE account_id = ?', [account.id])).toEqual([
      { algorithm: 'SHA-256', password: ha1(account.username, 'new password') },
    ]);
    expect((await api.withDigest({ ...account, password: 'new password' }).get('/api/accounts/me')).status).toBe(200);
  });

  it('is created by an administrator with the realm in its hash', async () => {
    const admin = await api.given.admin();
    const body = {
      username: 'realm.user',
      password: 'secret words',
      algorithm: 'SHA-256',
      domain: 'third.example.org',
    };
    const { json } = await api.withKey(admin).post('/api/accounts', body);
    expect(json.realm).toBe(REALM);
    expect(await api.sql('SELECT password FROM passwords WHERE account_id = ?', [json.id])).toEqual([
      { password: ha1('realm.user', 'secret words') },
    ]);
  });
});
