import { Api } from '../support/api.js';

import { startServer } from '../support/start-server.js';
import { createOnServer } from '../support/test-database.js';

describe('While the database does not answer', () => {
  it('calls that need it get 503, and ping lives', async () => {
    const server = await startServer();
    const database = await createOnServer(server.access);
    const api = await Api.start({ database });
    const alice = await api.given.account();
    expect((await api.withKey(alice).get('/api/accounts/me')).status).toBe(200);
    await server.stop();

    const answers = [
      await api.withKey(alice).get('/api/accounts/me'),
      await api.anonymous().get(`/api/accounts/${alice.sip}/info`),
      await api.anonymous().post('/api/tokens', { pn_provider: 'fcm', pn_param: 'project', pn_prid: 'device' }),
    ];
    for (const answer of answers) {
      expect(answer).toMatchObject({
        status: 503,
        json: { code: 'database_unavailable' },
        headers: { 'retry-after': '5' },
      });
      expect(answer.text).not.toMatch(/ECONN|mysql|127\.0\.0\.1/i);
    }
    expect((await api.anonymous().get('/api/ping')).status).toBe(200);
    expect(api.pushes.attempts).toBe(0);
    await api.stop();
  });
});
