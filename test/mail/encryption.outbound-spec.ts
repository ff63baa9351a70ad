import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startMailingApi } from '../support/external/mailing-api.js';
import { signUp } from '../support/mail-routes.js';
import { selfSignedCertificate } from '../support/external/certificate.js';
import { MailServer } from '../support/external/mail-server.js';
import { NOTHING_LEFT, tracesOf } from '../support/public-routes.js';
import { refusal } from '../support/refusal.js';

const certificate = selfSignedCertificate();
const foreign = selfSignedCertificate('DNS:mail.example.net');
const PASSWORD = 'pa ss"w\u00f6rd';
const login = { user: 'service@example.org', password: PASSWORD };
const credentials = { MAIL_USERNAME: login.user, MAIL_PASSWORD: PASSWORD };

type ServerOptions = NonNullable<Parameters<typeof MailServer.start>[0]>;

/** What became of one mail. */
interface Outcome {
  /** `200`, or the refusal. */
  readonly answer: string;
  readonly server: MailServer;
  /** What the log says of it, a line each. */
  readonly reason: string;
  readonly log: string;
  readonly traces: object;
}

/** Has one mail sent by a service with its own settings to a server with its own options. */
async function send(options: ServerOptions, environment: Record<string, string> = {}): Promise<Outcome> {
  const { api, server, stop } = await startMailingApi(environment, options);
  try {
    const { answer, body } = await signUp(api);
    const traces = await tracesOf(api, body);
    return {
      answer: answer.status === 200 ? '200' : refusal(answer),
      server,
      reason: reasons(api.log),
      log: api.log.join(''),
      traces,
    };
  } finally {
    await stop();
  }
}

function reasons(log: readonly string[]): string {
  const messages = log.map((line) => (JSON.parse(line) as { msg: string }).msg);
  return messages.filter((message) => message.startsWith('Not delivered')).join('\n');
}

describe.each(['starttls', 'tls'] as const)('A mail server by MAIL_ENCRYPTION=%s', (encryption) => {
  it('gets the mail, encrypted, where MAIL_TLS_CA vouches for it', async () => {
    const { answer, server } = await send({ encryption, certificate }, { MAIL_TLS_CA: certificate.cert });
    expect(answer).toBe('200');
    expect(server.received).toMatchObject([{ isEncrypted: true, envelope: { to: ['john@example.org'] } }]);
  });

  it('gets the mail where a file vouches for it, among others', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'flexisip-api-ca-'));
    writeFileSync(join(folder, 'ca.pem'), `${foreign.cert}\n${certificate.cert}`);
    try {
      const { answer, server } = await send({ encryption, certificate }, { MAIL_TLS_CA_FILE: join(folder, 'ca.pem') });
      expect(answer).toBe('200');
      expect(server.received).toMatchObject([{ isEncrypted: true }]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  describe.each([
    ['nobody vouches for it', certificate, {}],
    ['another certificate is trusted', certificate, { MAIL_TLS_CA: foreign.cert }],
    ['its certificate is for another host', foreign, { MAIL_TLS_CA: foreign.cert }],
  ])('where %s', (_what, shown, trusted) => {
    it('gets neither mail nor password', async () => {
      const { answer, server, log, traces } = await send(
        { encryption, certificate: shown, login },
        { ...trusted, ...credentials },
      );
      expect(answer).toBe('503 mail_not_delivered');
      expect(traces).toEqual(NOTHING_LEFT);
      expect(server.received).toEqual([]);
      expect(server.commands).not.toContain('AUTH');
      expect(server.commands).not.toContain('MAIL');
      expect(log).not.toContain(PASSWORD);
    });

    it('is named in the log, with what is wrong about its certificate', async () => {
      const { reason } = await send({ encryption, certificate: shown }, trusted);
      expect(reason).toMatch(
        /Not delivered: the activation code of [^ ]+\. the mail server 127\.0\.0\.1:\d+: .*(certificate|altnames)/,
      );
    });
  });

  it('gets the mail whatever its certificate where the operator said not to look', async () => {
    const { answer, server } = await send({ encryption, certificate: foreign }, { MAIL_TLS_VERIFY: 'false' });
    expect(answer).toBe('200');
    expect(server.received).toMatchObject([{ isEncrypted: true }]);
  });
});

describe('A mail server that does not encrypt', () => {
  it('gets nothing where STARTTLS is required, and no password', async () => {
    const { answer, server, traces } = await send({ login }, { MAIL_ENCRYPTION: 'starttls', ...credentials });
    expect(answer).toBe('503 mail_not_delivered');
    expect(traces).toEqual(NOTHING_LEFT);
    expect(server.received).toEqual([]);
    expect(new Set(server.commands)).toEqual(new Set(['EHLO', 'STARTTLS']));
  });

  it('is named in the log as one that knows no STARTTLS', async () => {
    const { reason } = await send({}, { MAIL_ENCRYPTION: 'starttls' });
    expect(reason).toMatch(/the mail server 127\.0\.0\.1:\d+: .*STARTTLS/);
  });

  it('gets nothing where STARTTLS is what is done unless something else is said', async () => {
    // An empty variable is one that is not set.
    const { answer, server } = await send({}, { MAIL_ENCRYPTION: '' });
    expect(answer).toBe('503 mail_not_delivered');
    expect(server.commands).not.toContain('MAIL');
  });

  it('gets nothing where it is called by TLS', async () => {
    const { answer, server, traces } = await send({}, { MAIL_ENCRYPTION: 'tls' });
    expect(answer).toBe('503 mail_not_delivered');
    expect(traces).toEqual(NOTHING_LEFT);
    expect(server.received).toEqual([]);
  });

  it('gets the mail in clear where the operator wants that, even if it could encrypt', async () => {
    for (const options of [{}, { encryption: 'starttls', certificate } as const]) {
      const { answer, server } = await send(options, { MAIL_ENCRYPTION: 'none' });
      expect(answer).toBe('200');
      expect(server.received).toMatchObject([{ isEncrypted: false }]);
      expect(server.commands).not.toContain('STARTTLS');
    }
  });

  it('is named in the log as one that spoke in clear where TLS should have begun at once', async () => {
    const { answer, reason } = await send(
      { encryption: 'starttls', certificate },
      { MAIL_ENCRYPTION: 'tls', MAIL_TLS_CA: certificate.cert },
    );
    expect(answer).toBe('503 mail_not_delivered');
    expect(reason).toMatch(/the mail server 127\.0\.0\.1:\d+: .*(SSL|wrong version)/);
  });
});

describe('A mail server that wants to know who sends', () => {
  it.each(['none', 'starttls', 'tls'] as const)('gets user and password before the mail (%s)', async (encryption) => {
    const trust: Record<string, string> = encryption === 'none' ? {} : { MAIL_TLS_CA: certificate.cert };
    const { answer, server } = await send({ encryption, certificate, login }, { ...trust, ...credentials });
    expect(answer).toBe('200');
    expect(server.received).toMatchObject([{ user: login.user }]);
  });

  it('gets no mail with a wrong password, which is not logged though the server quotes it', async () => {
    const { answer, server, reason, log, traces } = await send(
      { login },
      { ...credentials, MAIL_PASSWORD: 'not-the-password' },
    );
    expect(answer).toBe('503 mail_not_delivered');
    expect(traces).toEqual(NOTHING_LEFT);
    expect(server.received).toEqual([]);
    expect(reason).toMatch(/the mail server 127\.0\.0\.1:\d+: answered 535 to AUTH/);
    expect(log).not.toContain('not-the-password');
    expect(log).not.toContain(Buffer.from(`\0${login.user}\0not-the-password`).toString('base64').slice(40, 56));
  });

  it('gets no mail where no user is set, and says so', async () => {
    const { answer, server, reason, traces } = await send({ login });
    expect(answer).toBe('503 mail_not_delivered');
    expect(traces).toEqual(NOTHING_LEFT);
    expect(server.received).toEqual([]);
    expect(reason).toMatch(/answered 530 to MAIL/);
  });

  it('gets no mail where it knows no such thing', async () => {
    const { answer, server, log, traces } = await send({}, credentials);
    expect(answer).toBe('503 mail_not_delivered');
    expect(traces).toEqual(NOTHING_LEFT);
    expect(server.received).toEqual([]);
    expect(log).not.toContain(PASSWORD);
  });

  it('gets no password that it did not ask for', async () => {
    const { server } = await send({}, credentials);
    // What it does not announce must not be sent (RFC 4954 §4): it may want TLS first.
    expect(server.commands).not.toContain('AUTH');
  });
});
