import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { diagnose, found } from '../support/doctor.js';
import { selfSignedCertificate } from '../support/external/certificate.js';
import { FaultyServer } from '../support/external/faulty-server.js';
import { FlexisipProxy } from '../support/external/flexisip-proxy.js';
import { MailServer } from '../support/external/mail-server.js';
import { freePort } from '../support/private-mariadb.js';
import { APP_KEY } from '../support/settings.js';

const NOBODY = 65_534;
const isRoot = process.getuid?.() === 0;

// Each test runs several processes, one after the other.
jest.setTimeout(90_000);

describe('doctor, examining external services,', () => {
  let folder: string;
  let environment: Record<string, string>;

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'flexisip-api-doctor-'));
    chmodSync(folder, 0o777);
    environment = {
      APP_KEY,
      DB_DATABASE: join(folder, 'none.sqlite'),
      NEIGHBOUR_TIMEOUT: '2',
    };
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  const of = async (check: string, changed: Record<string, string>, circumstances = {}) => {
    const diagnosis = await diagnose({ ...environment, ...changed }, [], circumstances);
    expect(diagnosis.code).toBe(diagnosis.status === 'error' ? 1 : 0);
    return found(diagnosis, check);
  };

  describe('finds a mail server', () => {
    it('healthy that answers and accepts the login, and sends it no mail', async () => {
      const server = await MailServer.start({ login: { user: 'mailer', password: 'mail-secret' } });
      const login = { ...server.environment, MAIL_USERNAME: 'mailer', MAIL_PASSWORD: 'mail-secret' };
      expect(await of('mail', login)).toEqual([
        `ok: the mail server 127.0.0.1:${server.port} answers without encryption and accepts the login`,
      ]);
      expect(await of('mail', { ...login, MAIL_PASSWORD: 'another-secret' })).toEqual([
        expect.stringMatching(/^error: the mail server .*answered 535 to AUTH \(EAUTH\)$/),
      ]);
      expect(server.received).toEqual([]);
      expect(server.commands).not.toContainEqual(expect.stringMatching(/^(MAIL|RCPT|DATA)/i));
      await server.stop();
    });

    it('wrong without the encryption that is set, or a trusted certificate', async () => {
      const certificate = selfSignedCertificate();
      const server = await MailServer.start({ encryption: 'starttls', certificate });
      expect(await of('mail', { ...server.environment, MAIL_TLS_CA: certificate.cert })).toEqual([
        expect.stringContaining('answers by STARTTLS'),
      ]);
      expect(await of('mail', server.environment)).toEqual([expect.stringMatching(/^error: .*certificate/)]);
      await server.stop();
    });

    it('wrong that is down or hangs', async () => {
      const port = await freePort();
      const smtp = {
        MAIL_DRIVER: 'smtp',
        MAIL_HOST: '127.0.0.1',
        MAIL_PORT: String(port),
        MAIL_FROM_ADDRESS: 'a@example.org',
      };
      expect(await of('mail', smtp)).toEqual([expect.stringMatching(/^error: the mail server .*ECONNREFUSED/)]);
      const hanging = new FaultyServer({ port }, Buffer.from('220'));
      await hanging.start('hanging');
      expect(await of('mail', smtp)).toEqual([
        expect.stringMatching(/^error: the mail server .*did not answer in time$/),
      ]);
      await hanging.stop();
    });
  });

  describe('finds a SIP proxy', () => {
    let proxy: FlexisipProxy;

    beforeEach(async () => {
      proxy = await FlexisipProxy.start();
    });
    afterEach(() => proxy.stop());

    it('healthy whose socket may be written, and does not connect to it', async () => {
      chmodSync(proxy.socketPath, 0o777);
      expect(await of('devices', proxy.environment)).toEqual([
        expect.stringMatching(
          new RegExp(`^ok: the proxy's socket ${proxy.socketPath} is writable \\(mode \\d+, owner \\d+:\\d+\\)$`),
        ),
      ]);
      chmodSync(proxy.socketPath, 0o755);
      // Root may write everywhere, and the service is somebody else as a rule.
      if (isRoot)
        expect(await of('devices', proxy.environment)).toEqual([
          expect.stringMatching(/^warning: doctor runs as root, which can write the proxy/),
        ]);
      await proxy.checkUnharmed();
      expect(await proxy.takeCommands()).toEqual([]);
    });

    it('wrong without its pid file, its socket or its process', async () => {
      expect(await of('devices', { ...proxy.environment, APP_FLEXISIP_PROXY_PID: join(folder, 'none') })).toEqual([
        expect.stringMatching(/^error: the pid file .* cannot be read \(ENOENT\)$/),
      ]);
      expect(await of('devices', { ...proxy.environment, APP_FLEXISIP_SOCKET_DIR: folder })).toEqual([
        expect.stringMatching(/^error: the proxy's socket .* cannot be found \(ENOENT\)$/),
      ]);
      writeFileSync(join(folder, `flexisip-proxy-${proxy.pid}`), '');
      expect(await of('devices', { ...proxy.environment, APP_FLEXISIP_SOCKET_DIR: folder })).toEqual([
        expect.stringMatching(/is not a socket$/),
      ]);
      await proxy.end();
      expect(await of('devices', proxy.environment)).toEqual([
        expect.stringContaining(`warning: process ${proxy.pid} does not exist here`),
      ]);
      writeFileSync(proxy.pidFile, 'nonsense');
      expect(await of('devices', proxy.environment)).toEqual([
        expect.stringMatching(/^error: the pid file .* does not contain a process id$/),
      ]);
    });

    it('wrong whose socket the service may not write', async () => {
      chmodSync(proxy.socketPath, isRoot ? 0o755 : 0o555);
      chmodSync(join(proxy.pidFile, '..'), 0o755);
      expect(await of('devices', proxy.environment, isRoot ? { uid: NOBODY } : {})).toEqual([
        expect.stringMatching(/^error: the proxy's socket .* is not writable by \d+:\d+ \(mode \d+, owner \d+:\d+\)$/),
      ]);
    });
  });

  describe('with pushes and SMS', () => {
    it('names the files that cannot be read', async () => {
      const pusher = { PUSH_DRIVER: 'flexisip_pusher', APP_FLEXISIP_PUSHER_PATH: process.execPath };
      expect(await of('push', pusher)).toEqual([expect.stringMatching(/^ok: .* is executable/)]);
      expect(
        await of('push', {
          ...pusher,
          APP_FLEXISIP_PUSHER_PREFIX: '/nowhere',
          APP_FLEXISIP_PUSHER_FIREBASE_KEY: '/nowhere/key.json',
        }),
      ).toEqual([
        'error: APP_FLEXISIP_PUSHER_PREFIX: /nowhere cannot be read',
        'error: APP_FLEXISIP_PUSHER_FIREBASE_KEY: /nowhere/key.json cannot be read',
      ]);
      expect(
        (await diagnose({ ...environment, ...pusher, APP_FLEXISIP_PUSHER_FIREBASE_KEY: 'AAAA-secret-key' })).stdout,
      ).not.toContain('secret-key');
    });

    it('connects to the gateways, and sends them no request', async () => {
      const port = await freePort();
      const sms = {
        SMS_DRIVER: 'http',
        SMS_HTTP_URL: `http://127.0.0.1:${port}/send?key=sms-secret&to={phone}&text={message}`,
      };
      const dead = await diagnose({ ...environment, ...sms });
      expect(found(dead, 'SMS')).toEqual([`error: the SMS gateway 127.0.0.1:${port}: ECONNREFUSED`]);
      expect(dead.stdout).not.toContain('sms-secret');
      const gateway = new FaultyServer({ port }, Buffer.from(''));
      await gateway.start('hanging');
      expect(await of('SMS', sms)).toEqual([
        expect.stringContaining(`ok: the SMS gateway 127.0.0.1:${port} accepts connections`),
      ]);
      await gateway.stop();
    });
  });
});
