import { Api } from '../support/api.js';

describe('me', () => {
  let api: Api;
  beforeAll(async () => {
    api = await Api.start();
  });
  afterAll(() => api.stop());
  it('works by key and digest', async () => {
    const alice = await api.given.admin({ stored: ['MD5', 'SHA-256'] });
    const key = await api.withKey(alice).get('/api/accounts/me');
    expect(key.json).toMatchObject({ id: alice.id, admin: true });
    expect((await api.withDigest(alice).get('/api/accounts/me')).status).toBe(200);
    expect((await api.withDigest(alice, 'SHA-256').get('/api/accounts')).status).toBe(200);
    expect((await api.anonymous().get('/api/accounts/me')).status).toBe(422);
    expect((await api.withKey(alice).get('/api/accounts?page=')).status).toBe(422);
  });
});
