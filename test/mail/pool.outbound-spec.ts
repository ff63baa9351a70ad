import { Api } from '../support/api.js';
import { startMailingApi } from '../support/external/mailing-api.js';
import { signUp } from '../support/mail-routes.js';
import { selfSignedCertificate } from '../support/external/certificate.js';
import { MailServer } from '../support/external/mail-server.js';
import { NOTHING_LEFT, range, tracesOf } from '../support/public-routes.js';
import { refusal, tally } from '../support/refusal.js';

type ServerOptions = NonNullable<Parameters<typeof MailServer.start>[0]>;

describe('The connections to a mail server', () => {
  let server: MailServer;
  let api: Api;

  async function start(options: ServerOptions = {}, environment: Record<string, string> = {}): Promise<void> {
    ({ api, server } = await startMailingApi(environment, options));
  }
  afterEach(async () => {
    await api.stop();
    await server.stop();
  });

  const statusOfOne = async () => (await signUp(api)).answer.status;
  const many = async (count: number) =>
    tally((await Promise.all(range(count).map(() => signUp(api)))).map(({ answer }) => answer));

  it('are kept: mails one after the other take one', async () => {
    await start();
    for (const _ of range(10)) expect(await statusOfOne()).toBe(200);
    expect(server.opened).toBe(1);
    expect(new Set(server.received.map(({ messageId }) => messageId)).size).toBe(10);
  });

  it('are encrypted and logged in once', async () => {
    const certificate = selfSignedCertificate();
    const login = { user: 'service', password: 'secret' };
    const credentials = { MAIL_TLS_CA: certificate.cert, MAIL_USERNAME: 'service', MAIL_PASSWORD: 'secret' };
    await start({ encryption: 'starttls', certificate, login }, credentials);
    for (const _ of range(5)) expect(await statusOfOne()).toBe(200);
    expect(server.opened).toBe(1);
    expect(server.commands.filter((command) => command === 'AUTH')).toHaveLength(1);
    expect(server.received.map(({ isEncrypted, user }) => `${isEncrypted} ${user}`)).toEqual(
      range(5).map(() => 'true service'),
    );
  });

  it.each([1, 2, 5])('are %d at most at once, if the settings say so, whatever is asked for', async (most) => {
    await start({}, { MAIL_CONNECTIONS: String(most) });
    server.hold();
    const answers = many(30);
    await server.untilHeld(most);
    expect(server.received).toHaveLength(most);
    server.release();
    expect(await answers).toEqual({ '200': 30 });
    expect(server.received).toHaveLength(30);
    expect(server.mostAtOnce).toBe(most);
    expect(server.opened).toBe(most);
  });

  it('are used again by the next crowd', async () => {
    await start({}, { MAIL_CONNECTIONS: '3' });
    for (const _ of range(3)) expect(await many(12)).toEqual({ '200': 12 });
    expect(server.opened).toBeLessThanOrEqual(3);
    expect(server.received).toHaveLength(36);
  });

  it('cost no mail where the server has ended one that was idle', async () => {
    await start();
    for (const round of range(5)) {
      expect(await statusOfOne()).toBe(200);
      await server.hangUp();
      expect(server.opened).toBe(round + 1);
    }
    expect(await statusOfOne()).toBe(200);
    expect(server.received).toHaveLength(6);
  });

  it('cost no mail where the server cuts all of them just when mails come in', async () => {
    await start({}, { MAIL_CONNECTIONS: '4' });
    for (const _ of range(5)) {
      server.hold();
      const crowd = many(4);
      await server.untilHeld(4);
      server.release();
      expect(await crowd).toEqual({ '200': 4 });
      server.cut();
      expect(await statusOfOne()).toBe(200);
    }
    expect(server.received).toHaveLength(25);
  });

  it('cost no mail where the server takes but so many by one connection', async () => {
    await start({ mailsPerConnection: 3 });
    const statuses = [];
    for (const _ of range(8)) statuses.push(await statusOfOne());
    expect(statuses).toEqual(range(8).map(() => 200));
    expect(server.received).toHaveLength(8);
    expect(server.opened).toBe(3);
  });

  it('are made anew when the server is back after a restart', async () => {
    await start();
    const { port } = server;
    expect(await statusOfOne()).toBe(200);
    await server.stop();
    const { answer, body } = await signUp(api);
    expect(refusal(answer)).toBe('503 mail_not_delivered');
    expect(await tracesOf(api, body)).toEqual(NOTHING_LEFT);
    server = await MailServer.start({ port });
    expect((await api.anonymous().post('/api/accounts/with-token', body)).status).toBe(200);
    expect(server.received).toHaveLength(1);
  });

  it('do not carry the rest of a refused mail into the next one', async () => {
    await start({}, { MAIL_CONNECTIONS: '1' });
    for (const command of ['MAIL', 'RCPT', 'DATA'] as const) {
      server.refuse(command, 451);
      expect((await signUp(api, 'refused@example.org')).answer.status).toBe(503);
      server.accept();
      expect((await signUp(api, 'taken@example.org')).answer.status).toBe(200);
      expect(server.last.envelope.to).toEqual(['taken@example.org']);
    }
    expect(server.received).toHaveLength(3);
  });

  it('never bring a mail later that nobody waits for any more', async () => {
    await start({}, { MAIL_CONNECTIONS: '1', NEIGHBOUR_TIMEOUT: '1' });
    server.hold('CONNECT');
    const first = signUp(api);
    await server.untilHeld(1);
    const others = range(4).map(() => signUp(api));
    for (const { answer, body } of await Promise.all([first, ...others])) {
      expect(refusal(answer)).toBe('503 mail_not_delivered');
      expect(await tracesOf(api, body)).toEqual(NOTHING_LEFT);
    }
    await server.untilAlone();
    server.release();
    expect((await signUp(api, 'last@example.org')).answer.status).toBe(200);
    expect(server.received.map(({ envelope }) => envelope.to)).toEqual([['last@example.org']]);
    expect(api.log.find((line) => line.includes('Not delivered'))).toContain('did not answer in time');
  });

  it('are closed with the service', async () => {
    await start();
    expect(await many(3)).toEqual({ '200': 3 });
    expect(server.opened).toBeGreaterThan(0);
    await api.app.close();
    await server.untilAlone();
  });
});
