import { inspectSettings, loadSettings } from '../../src/config/load-settings.js';
import { environmentAlone } from '../../src/config/sources.js';
import { selfSignedCertificate } from '../support/external/certificate.js';
import { MYSQL_SETTINGS as mysql } from '../support/settings.js';

const mistakesOf = (environment: Record<string, string>) => inspectSettings(environmentAlone(environment)).mistakes;

describe('The settings of the database', () => {
  it('say how it is reached, and refuse what would have no effect', () => {
    const cert = selfSignedCertificate();
    const tls = { DB_TLS: 'true', DB_TLS_CA: cert.cert, DB_HOST: 'db.example.org' };
    expect(
      loadSettings({ ...mysql, ...tls, DB_TLS_CERT: cert.cert, DB_TLS_KEY: cert.key, DB_POOL_SIZE: '3' }).database,
    ).toMatchObject({
      tls: { ca: cert.cert, client: cert, verify: 'identity' },
      socket: null,
      poolSize: 3,
    });
    expect(loadSettings({ ...mysql, DB_SOCKET: '/run/mysqld/mysqld.sock' }).database).toMatchObject({
      socket: '/run/mysqld/mysqld.sock',
      tls: null,
      poolSize: 10,
    });
    expect(mistakesOf({ ...mysql, ...tls, DB_TLS_CERT: cert.cert })).toEqual([
      'DB_TLS_KEY: is required, since DB_TLS_CERT is given',
    ]);
    expect(mistakesOf({ ...mysql, DB_TLS_CA: cert.cert })).toEqual(['DB_TLS_CA: has no effect without DB_TLS=true']);
    expect(mistakesOf({ ...mysql, DB_TLS: 'true' })).toEqual([
      expect.stringMatching(/^DB_TLS_VERIFY: "true" needs a host name/),
    ]);
    expect(mistakesOf({ ...mysql, DB_TLS: 'true', DB_TLS_VERIFY: 'ca' })).toEqual([]);
    expect(mistakesOf({ ...mysql, ...tls, DB_SOCKET: '/run/mysqld/mysqld.sock' })).toEqual([
      'DB_HOST: cannot be combined with DB_SOCKET',
      'DB_TLS: cannot be combined with DB_SOCKET, which does not leave the machine',
    ]);
    expect(mistakesOf({ ...mysql, DB_SOCKET: 'mysqld.sock' })).toEqual([
      expect.stringMatching(/^DB_SOCKET: must be the whole path/),
    ]);
  });
});
