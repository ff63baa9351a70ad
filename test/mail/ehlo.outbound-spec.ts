import { Api } from '../support/api.js';
import { diagnose, found } from '../support/doctor.js';
import { signUp, WITHOUT_LIMITS } from '../support/mail-routes.js';
import { MailServer } from '../support/external/mail-server.js';
import { refusal } from '../support/refusal.js';
import { APP_KEY } from '../support/settings.js';

// One test runs processes of its own.
jest.setTimeout(60_000);

describe('A mail server that wants to know whom it speaks with (RFC 5321 §4.1.1.1)', () => {
  let server: MailServer;

  beforeEach(async () => {
    server = await MailServer.start({ isStrict: true });
  });
  afterEach(() => server.stop());

  /** Has one mail sent by a service with its own settings: what it was answered, and what the server was told. */
  async function send(environment: Record<string, string>): Promise<[answer: string, names: readonly string[]]> {
    const api = await Api.start({
      environment: { ...WITHOUT_LIMITS, ...server.environment, ...environment },
      real: ['mail'],
    });
    try {
      const { answer } = await signUp(api);
      return [answer.status === 200 ? '200' : refusal(answer), server.names];
    } finally {
      await api.stop();
    }
  }

  it.each([
    [{}, 'api.example.org'],
    [{ APP_URL: 'https://192.0.2.1/flexiapi' }, '[192.0.2.1]'],
    [{ APP_URL: 'https://[2001:db8::1]:8443' }, '[IPv6:2001:db8::1]'],
    [{ APP_URL: 'http://localhost:3000', MAIL_EHLO_NAME: 'sip.example.net' }, 'sip.example.net'],
    [{ MAIL_EHLO_NAME: '[192.0.2.7]' }, '[192.0.2.7]'],
  ])('is told it: with %j, %s', async (environment, name) => {
    expect(await send(environment)).toEqual(['200', [name]]);
    expect(server.received).toHaveLength(1);
  });

  it('refuses what only this machine knows, which is 503', async () => {
    const [answer, names] = await send({ APP_URL: 'http://127.0.0.1:3000', MAIL_EHLO_NAME: '[127.0.0.1]' });
    expect(answer).toBe('503 mail_not_delivered');
    // HELO is the second attempt of a client whose EHLO is refused.
    expect(new Set(names)).toEqual(new Set(['[127.0.0.1]']));
    expect(server.received).toEqual([]);
  });

  it('is asked by doctor under the same name', async () => {
    const environment = {
      APP_KEY,
      DB_DATABASE: '/nowhere/none.sqlite',
      ...server.environment,
    };
    const good = await diagnose({ ...environment, APP_URL: 'https://api.example.org' });
    expect(found(good, 'mail')).toEqual([expect.stringMatching(/^ok: /)]);
    expect(server.names).toEqual(['api.example.org']);
    const bad = await diagnose({ ...environment, MAIL_EHLO_NAME: 'localhost' });
    expect(bad.findings.find(({ check }) => check === 'mail')).toMatchObject({
      level: 'error',
      message: expect.stringMatching(/answered 504/) as string,
      advice: expect.stringContaining('sends EHLO localhost (MAIL_EHLO_NAME)') as string,
    });
  });
});
