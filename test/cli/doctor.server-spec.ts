import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { inWords } from '../../src/database/migration-names.js';
import { migrations } from '../../src/database/migrations/index.js';
import { connectTo, fill2021, ha1, snapshot } from '../support/database-2021.js';
import { diagnose, found } from '../support/doctor.js';
import { FaultyServer } from '../support/external/faulty-server.js';
import { freePort } from '../support/private-mariadb.js';
import { APP_KEY } from '../support/settings.js';
import { createDatabase, type TestDatabase } from '../support/test-database.js';
import { runCli } from '../support/cli.js';

// Each test runs several processes, one after the other.
jest.setTimeout(90_000);

describe('doctor on a server', () => {
  let database: TestDatabase;
  let environment: Record<string, string>;

  beforeEach(async () => {
    database = await createDatabase();
    environment = {
      APP_KEY,
      APP_URL: 'https://api.example.org',
      DB_TIMEOUT: '2',
      ...database.environment,
    };
  });
  afterEach(() => database.remove());

  const expectUnreachable = async (changed: Record<string, string>, reason: RegExp) => {
    const diagnosis = await diagnose({ ...environment, ...changed }, ['--account', 'alice@sip.example.org']);
    expect(diagnosis).toMatchObject({ code: 1, status: 'error', stderr: '' });
    expect(found(diagnosis, 'database')).toEqual([expect.stringMatching(reason)]);
    expect(found(diagnosis, 'account')).toEqual(['warning: not checked: the accounts cannot be read']);
    // What has nothing to do with it is looked at all the same.
    expect(found(diagnosis, 'texts')).toEqual([expect.stringMatching(/^ok: /)]);
    return diagnosis;
  };

  it('says that a password is wrong, and not which', async () => {
    const { stdout } = await expectUnreachable({ DB_PASSWORD: 'wrong-password' }, /^error: .*Access denied/);
    expect(stdout).not.toContain('wrong-password');
  });

  it('says that there is no such database, host or server', async () => {
    await expectUnreachable({ DB_DATABASE: 'flexisip_nowhere' }, /^error: .*flexisip_nowhere/);
    await expectUnreachable({ DB_PORT: '1' }, /^error: .*ECONNREFUSED/);
  });

  it('says which rights are missing, and needs those for migrations only while some are pending', async () => {
    await fill2021(database, { charset: 'utf8mb4', collation: 'utf8mb4_unicode_ci' });
    const connection = await connectTo(database);
    const user = `reader_${process.pid}`;
    const weak = { ...environment, DB_USERNAME: user, DB_PASSWORD: 'secret' };
    await connection.query(
      `CREATE USER ${user} IDENTIFIED BY 'secret'; GRANT SELECT ON ${environment.DB_DATABASE}.* TO ${user}; GRANT INSERT (nonce) ON nonces TO ${user}`,
    );
    const before = await snapshot(database);
    const diagnosis = await diagnose(weak);
    expect(diagnosis).toMatchObject({ code: 1, stderr: '' });
    expect(found(diagnosis, 'database')).toEqual([
      expect.stringMatching(/^ok: /),
      expect.stringMatching(/^error: missing rights: .*INSERT on accounts, UPDATE on accounts, DELETE on accounts.*/),
      'error: missing rights for the pending migrations: CREATE, ALTER, INDEX, REFERENCES',
    ]);
    expect(await snapshot(database)).toEqual(before);
    // In words, for whoever did not ask the doctor.
    const outcome = await runCli(weak, 'migrate');
    expect(outcome).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringMatching(
        /^The pending migrations need the rights CREATE, .*, which the user of DB_USERNAME does not have\. .*\n$/,
      ) as string,
    });

    expect((await runCli(environment, 'migrate')).code).toBe(0);
    await connection.query(`GRANT INSERT, UPDATE, DELETE ON ${environment.DB_DATABASE}.* TO ${user}`);
    expect(found(await diagnose(weak), 'database')).toEqual([expect.stringMatching(/^ok: /)]);
    await connection.query(`DROP USER ${user}`);
    await connection.end();
  });

  it('asks for no more than the GRANT that is documented, which is enough', async () => {
    await fill2021(database, { charset: 'utf8mb4', collation: 'utf8mb4_unicode_ci' });
    const page = readFileSync(join(__dirname, '../../docs/flexisip.md'), 'utf8');
    const [, rights] = /^ {4}GRANT (.+) ON flexisip\.\* TO /m.exec(page) ?? [];
    const connection = await connectTo(database);
    const user = `documented_${process.pid}`;
    await connection.query(
      `CREATE USER ${user} IDENTIFIED BY 'secret'; GRANT ${rights} ON ${environment.DB_DATABASE}.* TO ${user}`,
    );
    const documented = { ...environment, DB_USERNAME: user, DB_PASSWORD: 'secret' };
    expect(found(await diagnose(documented), 'database')).toEqual([expect.stringMatching(/^ok: /)]);
    expect((await runCli(documented, 'migrate')).code).toBe(0);
    expect(found(await diagnose(documented), 'database')).toEqual([expect.stringMatching(/^ok: /)]);
    await connection.query(`DROP USER ${user}`);
    await connection.end();
  });

  it('gives up on a server that takes connections and says nothing', async () => {
    const port = await freePort();
    const silent = new FaultyServer({ port }, Buffer.from(''));
    await silent.start('hanging');
    const began = performance.now();
    await expectUnreachable({ DB_HOST: '127.0.0.1', DB_PORT: String(port) }, /^error: .*(ETIMEDOUT|did not answer)/);
    expect(performance.now() - began).toBeLessThan(15_000);
    await silent.stop();
  });

  it('lists the rows that are in the way of migrations', async () => {
    await fill2021(database, { charset: 'utf8mb4', collation: 'utf8mb4_unicode_ci' });
    const connection = await connectTo(database);
    await connection.query(
      `INSERT INTO accounts (id, username, domain, activated, ip_address, user_agent, creation_time) VALUES (7, 'Alice', 'sip.example.org', 1, '', '', '2021-04-01 00:00:00');
       INSERT INTO passwords (account_id, password, algorithm) VALUES (2, 'x', 'MD5')`,
    );
    const [before] = await connection.query('SHOW TABLES');
    const diagnosis = await diagnose(environment);
    expect(diagnosis).toMatchObject({ code: 1, stderr: '' });
    expect(found(diagnosis, 'schema')).toEqual([
      expect.stringContaining(`warning: pending migrations: ${migrations.map(({ name }) => inWords(name)).join(', ')}`),
      'error: duplicate rows: accounts: ids 1,7: sip:alice@sip.example.org,sip:Alice@sip.example.org',
      'error: duplicate rows: passwords: ids 2,5: MD5 of sip:bobbob@sip.example.org,MD5 of sip:bobbob@sip.example.org',
    ]);
    expect((await connection.query('SHOW TABLES'))[0]).toEqual(before);
    await connection.end();
  });

  it('says that Flexisip finds several accounts or passwords', async () => {
    await fill2021(database, { charset: 'utf8mb4', collation: 'utf8mb4_unicode_ci' });
    const connection = await connectTo(database);
    await connection.query(
      `INSERT INTO accounts (id, username, domain, activated, ip_address, user_agent, creation_time) VALUES (7, 'Alice', 'sip.example.org', 1, '', '', '2021-04-01 00:00:00');
       INSERT INTO passwords (account_id, password, algorithm) VALUES (2, '${ha1('MD5', 'bobbob')}', 'MD5'), (4, 'x', 'md5')`,
    );
    await connection.end();
    const login = (sip: string) =>
      diagnose(environment, ['--account', sip, '--password-stdin'], { input: 'secret words' });
    expect(found(await login('alice@sip.example.org'), 'account')).toEqual([
      expect.stringContaining('ok: over HTTP: sip:alice@sip.example.org can log in'),
      'error: over SIP: sip:alice@sip.example.org cannot log in',
      expect.stringContaining(
        'other accounts for sip:alice@sip.example.org: 7 (sip:Alice@sip.example.org); Flexisip finds several',
      ),
    ]);
    expect(found(await login('ALICE@sip.example.org'), 'account')).toEqual([
      'error: there is no account sip:ALICE@sip.example.org, but sip:alice@sip.example.org',
    ]);
    expect(found(await login('bobbob@sip.example.org'), 'account')).toContain(
      'error: it has several passwords for MD5',
    );
    expect(found(await login('operator@sip.example.org'), 'account')).toContain(
      'warning: it has passwords with unknown algorithms: md5',
    );
    expect(found(await login('日本@sip.example.org'), 'account')).toEqual([
      'error: there is no account sip:%E6%97%A5%E6%9C%AC@sip.example.org',
    ]);
  });

  it('looks at collations, character sets and engines', async () => {
    await fill2021(database, { charset: 'latin1', collation: 'latin1_swedish_ci' });
    const connection = await connectTo(database);
    await connection.query(
      `ALTER TABLE aliases MODIFY alias varchar(64) CHARACTER SET latin1 COLLATE latin1_bin NOT NULL;
       ALTER TABLE nonces DROP FOREIGN KEY nonces_account_id_foreign;
       ALTER TABLE nonces ENGINE=MyISAM`,
    );
    await connection.end();
    const diagnosis = await diagnose(environment);
    expect(found(diagnosis, 'schema')).toContain('error: nonces is kept by MyISAM, without transactions');
    expect(found(diagnosis, 'collations')).toEqual([
      expect.stringMatching(/^warning: .*accounts\.username \(latin1\).* cannot hold every character$/),
      expect.stringMatching(/^warning: columns have different collations: .*aliases\.alias latin1_bin/),
    ]);
  });

  it('finds a migrated database of 2021 healthy', async () => {
    await fill2021(database, { charset: 'utf8mb4', collation: 'utf8mb4_general_ci' });
    expect((await runCli(environment, 'migrate')).code).toBe(0);
    const diagnosis = await diagnose(environment, ['--account', 'bobbob@sip.example.org', '--password-stdin'], {
      input: 'secret words\n',
    });
    expect(diagnosis.code).toBe(0);
    expect(found(diagnosis, 'account')).toHaveLength(2);
    expect(found(diagnosis, 'rows')).toEqual([
      'warning: accounts in domains other than sip.example.org: sip:alice@other.example.org',
    ]);
  });
});
