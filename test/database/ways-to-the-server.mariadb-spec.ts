import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Connection, createConnection } from 'mysql2/promise';
import { Api } from '../support/api.js';
import { runNode, SERVICE } from '../support/cli.js';
import { diagnose, found } from '../support/doctor.js';
import type { Answer } from '../support/http.js';
import { type Certificate, expiredCertificate, selfSignedCertificate } from '../support/external/certificate.js';
import { PrivateMariadb } from '../support/private-mariadb.js';
import { range } from '../support/public-routes.js';
import { tally } from '../support/refusal.js';
import { APP_KEY } from '../support/settings.js';
import { createOnServer, type TestDatabase } from '../support/test-database.js';
import { until } from '../support/until.js';

// Several tests run processes, one after the other.
jest.setTimeout(90_000);

describe('The way to the database', () => {
  const folder = mkdtempSync(join(tmpdir(), 'flexisip-api-tls-'));
  const client = selfSignedCertificate('DNS:client');
  let mariadb: PrivateMariadb;
  let database: TestDatabase;
  let administrator: Connection;

  const file = (name: string, content: string): string => {
    const path = join(folder, name);
    writeFileSync(path, content);
    return path;
  };

  /** Settings that trust the server under the name in its certificate. */
  const trusted = () => ({ DB_TLS: 'true', DB_HOST: 'localhost', DB_TLS_CA_FILE: join(folder, 'server.pem') });

  beforeAll(async () => {
    const server = selfSignedCertificate('DNS:localhost');
    const files = [file('server.pem', server.cert), file('server.key', server.key), file('clients.pem', client.cert)];
    mariadb = await PrivateMariadb.start([`--ssl-cert=${files[0]}`, `--ssl-key=${files[1]}`, `--ssl-ca=${files[2]}`]);
    database = await createOnServer(mariadb.access);
    administrator = await createConnection(mariadb.access);
    await administrator.query(
      `GRANT ALL ON ${database.environment.DB_DATABASE}.* TO with_certificate@'%' IDENTIFIED BY 'secret' REQUIRE X509`,
    );
    await administrator.query('SET GLOBAL require_secure_transport = 1');
  });
  afterAll(async () => {
    await administrator.end();
    await mariadb.stop();
    rmSync(folder, { recursive: true });
  });

  const lookUp = (api: Api): Promise<Answer> => api.anonymous().get('/api/accounts/nobody@sip.example.org/info');

  const serves = async (environment: Record<string, string>) => {
    const api = await Api.start({ database, environment });
    try {
      expect((await lookUp(api)).status).toBe(404);
      const [{ Value: cipher }] = await api.sql("SHOW SESSION STATUS LIKE 'Ssl_cipher'");
      return cipher as string;
    } finally {
      await api.stop();
    }
  };

  it('is encrypted by DB_TLS, and the server checked by its authority and name', async () => {
    expect(await serves(trusted())).toMatch(/\w/);
  });

  it('is encrypted without a check of the name, or without any', async () => {
    expect(await serves({ ...trusted(), DB_HOST: '127.0.0.1', DB_TLS_VERIFY: 'ca' })).toMatch(/\w/);
    expect(await serves({ DB_TLS: 'true', DB_TLS_VERIFY: 'false' })).toMatch(/\w/);
  });

  it('is opened by a certificate of the client where the server asks for one', async () => {
    const user = { DB_USERNAME: 'with_certificate', DB_PASSWORD: 'secret' };
    const certificate = {
      DB_TLS_CERT_FILE: file('client.pem', client.cert),
      DB_TLS_KEY_FILE: file('client.key', client.key),
    };
    expect(await serves({ ...trusted(), ...user, ...certificate })).toMatch(/\w/);
    await expect(serves({ ...trusted(), ...user })).rejects.toThrow('Access denied');
  });

  it('leads through a unix socket, which needs no TLS', async () => {
    expect(await serves({ DB_SOCKET: mariadb.socket, DB_HOST: '', DB_PORT: '' })).toBe('');
  });

  describe('that is refused ends the start with what to do about it', () => {
    it.each<[string, () => Record<string, string>, RegExp]>([
      ['in clear text', () => ({}), /DB_TLS/],
      [
        'an authority that is not trusted',
        () => ({ ...trusted(), DB_TLS_CA_FILE: file('other.pem', client.cert) }),
        /DB_TLS_CA/,
      ],
      ['an authority that the system does not know', () => ({ ...trusted(), DB_TLS_CA_FILE: '' }), /DB_TLS_CA/],
    ])('%s', async (_way, changed, advice) => {
      const environment = { APP_KEY, ...database.environment, ...changed() };
      const diagnosis = await diagnose({ ...environment, DB_TIMEOUT: '2' });
      expect(found(diagnosis, 'database')).toEqual([expect.stringMatching(/^error: /)]);
      const { code, stderr } = await runNode([SERVICE], environment);
      expect({ code, stderr }).toEqual({
        code: 1,
        stderr: expect.stringMatching(/^The database is not available: /) as string,
      });
      expect(stderr).toMatch(advice);
    });
  });

  it.each<[string, () => Certificate, RegExp]>([
    ['is for another name', () => selfSignedCertificate('DNS:elsewhere'), /altnames?: Host: localhost.*DB_HOST/],
    ['has expired', expiredCertificate, /certificate has expired.* Renew the certificate of the server/],
  ])('ends the start where the certificate %s', async (_what, certificate, told) => {
    const other = certificate();
    const files = [file('elsewhere.pem', other.cert), file('elsewhere.key', other.key)];
    const impostor = await PrivateMariadb.start([`--ssl-cert=${files[0]}`, `--ssl-key=${files[1]}`]);
    const environment = { APP_KEY, ...database.environment, ...trusted(), DB_PORT: String(impostor.access.port) };
    const { code, stderr } = await runNode([SERVICE], {
      ...environment,
      DB_TLS_CA_FILE: join(folder, 'elsewhere.pem'),
    });
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringMatching(told) as string });
    await impostor.stop();
  });

  it('is told by the doctor, with the cipher', async () => {
    const diagnosis = await diagnose({ APP_KEY, ...database.environment, ...trusted() });
    expect(found(diagnosis, 'database')[0]).toMatch(
      /^ok: tester@localhost:\d+\/\w+ answers, version .*, encrypted \(\w+, TLSv1\.[23]\)$/,
    );
  });

  it('takes as many connections as DB_POOL_SIZE says', async () => {
    const api = await Api.start({ database, environment: { ...trusted(), DB_POOL_SIZE: '3' } });
    const open = async () => {
      const [[row]] = (await administrator.query(
        'SELECT COUNT(*) AS open FROM information_schema.processlist WHERE id <> CONNECTION_ID() AND db = ?',
        [database.environment.DB_DATABASE],
      )) as unknown as [[{ open: number }]];
      return row.open;
    };
    // The calls wait for the table, so they need connections at the same time.
    await administrator.query(`LOCK TABLES ${database.environment.DB_DATABASE}.accounts WRITE`);
    const answers = Promise.all(range(60).map(() => lookUp(api)));
    await until(async () => (await open()) === 3);
    await administrator.query('UNLOCK TABLES');
    expect(tally(await answers)).toEqual({ '404 account_not_found': 60 });
    expect(await open()).toBe(3);
    await api.stop();
  });
});
