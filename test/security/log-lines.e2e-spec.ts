import { Api } from '../support/api.js';
import { BEHIND_PROXY, stranger } from '../support/public-routes.js';
import { Connection } from './connection.js';

/** A text that ends a line, begins one that looks like ours, and clears the terminal, in ASCII and beyond. */
const HOSTILE = '\r\n{"level":30,"msg":"all is well"}\u001b[2J\u009b2J\u202e';
const EFFECTIVE = /[\p{Cc}\p{Bidi_Control}\u2028\u2029]/u;

describe('What callers choose', () => {
  let api: Api;

  beforeAll(async () => {
    api = await Api.start({ environment: BEHIND_PROXY });
  });
  afterAll(() => api.stop());

  /** Expects that every line is one JSON object of the service, without characters that affect a terminal. */
  const expectCleanLog = () => {
    for (const line of api.log) {
      expect(line).toMatch(/^\{"level":\d+,"time":"[^"]+".*\}\n$/);
      expect(line.slice(0, -1)).not.toMatch(EFFECTIVE);
      expect(JSON.parse(line)).not.toMatchObject({ msg: 'all is well' });
    }
  };

  it('in paths, headers and bodies begins no line of the log and moves no terminal', async () => {
    const escaped = encodeURIComponent(HOSTILE);
    const before = api.log.length;
    await stranger(api).get(`/api/accounts/${escaped}@sip.example.org/info`);
    await stranger(api).get(`/api/${escaped}?${escaped}`);
    await stranger(api).post(`/api/accounts/${escaped}@${escaped}/activate/email`, { code: HOSTILE });
    await stranger(api).post('/api/tokens', { pn_provider: 'fcm', pn_param: HOSTILE, pn_prid: HOSTILE });
    await stranger(api).post('/api/accounts/with-token', {
      username: HOSTILE,
      token: HOSTILE,
      domain: HOSTILE,
      email: HOSTILE,
    });
    await api.send({ path: '/api/accounts/me', headers: { from: `sip:${escaped}@sip.example.org` } });
    for (const header of [
      'x-request-id',
      'x-forwarded-for',
      'user-agent',
      'accept-language',
      'from',
      'x-http-method-override',
    ]) {
      await api.send({ path: '/api/ping', headers: { [header]: '192.0.2.1\u009b2J\u0085' } });
    }
    expect(api.log.length - before).toBeGreaterThan(10);
    expectCleanLog();
  });

  it('on a bare connection is refused before it is logged', async () => {
    for (const name of ['X-Request-Id', 'User-Agent', 'X-Forwarded-For']) {
      const connection = await Connection.open(api.origin);
      const { status } = await connection.exchange(
        Buffer.from(`GET /api/ping HTTP/1.1\r\nHost: a\r\n${name}: a\u001b[2J\r\n\r\n`),
        false,
      );
      expect(status).toBe(400);
      connection.close();
    }
    expectCleanLog();
  });

  it('and got into the database past the service is escaped where a line names it', async () => {
    const admin = await api.given.admin();
    const { id } = await api.given.account({ username: `from.the.sip.side${HOSTILE}`, key: false });
    api.registrar.goDown();
    expect((await api.withKey(admin).delete(`/api/accounts/${id}`)).status).toBe(200);
    expect(api.log.some((line) => line.includes('from.the.sip.side') && line.includes('was not removed'))).toBe(true);
    expectCleanLog();
  });
});
