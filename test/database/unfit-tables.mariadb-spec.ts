import { migrate, obstacles } from '../../src/database/migrate.js';
import { Api } from '../support/api.js';
import { runCli } from '../support/cli.js';
import {
  accountOf2021,
  foundWith,
  openAsService,
  OPERATOR,
  OWNED,
  snapshot,
  withoutKeys,
} from '../support/database-2021.js';
import { diagnose, found } from '../support/doctor.js';
import { APP_KEY } from '../support/settings.js';

// Some tests run commands in processes of their own.
jest.setTimeout(180_000);

const IN_THE_WAY: [name: string, statements: string[], told: RegExp][] = [
  [
    'rows in COMPACT format',
    ['ALTER TABLE nonces ROW_FORMAT=COMPACT'],
    /nonces has no room .*COMPACT.*: ALTER TABLE nonces ROW_FORMAT=DYNAMIC/,
  ],
  ['rows in REDUNDANT format', ['ALTER TABLE nonces ROW_FORMAT=REDUNDANT'], /nonces has no room .*REDUNDANT/],
  [
    'long names in COMPACT format',
    ['ALTER TABLE accounts ROW_FORMAT=COMPACT, MODIFY username varchar(200) NOT NULL'],
    /accounts has no room/,
  ],
  [
    'MyISAM',
    [...OWNED.map(withoutKeys), 'ALTER TABLE accounts ENGINE=MyISAM', 'ALTER TABLE passwords ENGINE=Aria'],
    /accounts is kept by MyISAM.*\n.*passwords is kept by Aria/,
  ],
  [
    'activated as an enumeration',
    [
      'ALTER TABLE accounts MODIFY activated varchar(1) NOT NULL',
      "ALTER TABLE accounts MODIFY activated enum('0','1') NOT NULL",
    ],
    /accounts\.activated is enum/,
  ],
  [
    'used as a text in binary',
    ['ALTER TABLE tokens MODIFY used varbinary(1) NOT NULL'],
    /tokens\.used is varbinary\(1\)/,
  ],
  [
    'names that are bytes',
    ['ALTER TABLE accounts MODIFY username varbinary(64) NOT NULL'],
    /accounts\.username is varbinary\(64\), and must be a text/,
  ],
  [
    'short names',
    ['ALTER TABLE accounts MODIFY username varchar(30) NOT NULL'],
    /accounts\.username is varchar\(30\), and must hold 64 characters/,
  ],
  ['short nonces', ['ALTER TABLE nonces MODIFY nonce varchar(64) NOT NULL'], /nonces\.nonce is varchar\(64\)/],
  ['short keys', ['ALTER TABLE api_keys MODIFY `key` varchar(32) NOT NULL'], /api_keys\.key is varchar\(32\)/],
  [
    'short hashes',
    ['DELETE FROM passwords WHERE LENGTH(password) > 32', 'ALTER TABLE passwords MODIFY password varchar(32) NOT NULL'],
    /passwords\.password is varchar\(32\)/,
  ],
  [
    'moments as days',
    ['ALTER TABLE activation_expirations MODIFY expires date NOT NULL'],
    /activation_expirations\.expires is date/,
  ],
  ['moments as numbers', ['ALTER TABLE tokens DROP created_at, ADD created_at int NULL'], /tokens\.created_at is int/],
  [
    'moments that move',
    [
      'ALTER TABLE accounts MODIFY creation_time timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP',
    ],
    /accounts\.creation_time becomes another moment/,
  ],
  [
    'columns that take no NULL',
    [
      "UPDATE accounts SET email = '' WHERE email IS NULL",
      "ALTER TABLE accounts MODIFY email varchar(64) NOT NULL DEFAULT ''",
    ],
    /accounts\.email takes no NULL/,
  ],
  [
    'columns that are unknown and must be filled',
    ['ALTER TABLE api_keys ADD last_used_at datetime NOT NULL'],
    /api_keys\.last_used_at must have a value/,
  ],
  [
    'columns that are missing',
    ['ALTER TABLE accounts DROP ip_address', 'ALTER TABLE tokens DROP updated_at'],
    /accounts has no column ip_address[^]*tokens has no column/,
  ],
  ['computed columns', ["ALTER TABLE accounts ADD phone varchar(64) AS ('1') VIRTUAL"], /accounts\.phone is computed/],
  [
    'ids that are not drawn',
    ['ALTER TABLE tokens MODIFY id bigint unsigned NOT NULL'],
    /tokens\.id does not draw its numbers itself/,
  ],
  [
    'ids of another type',
    [...OWNED.map(withoutKeys), 'ALTER TABLE accounts MODIFY id bigint NOT NULL AUTO_INCREMENT'],
    /accounts\.id is bigint.*: panel_sessions, flexisip_api_tokens cannot refer to it/,
  ],
  [
    'ids that are no key',
    ['ALTER TABLE tokens MODIFY id bigint unsigned NOT NULL, DROP PRIMARY KEY'],
    /tokens\.id is no key and does not draw/,
  ],
  [
    'ids within a key of several columns',
    ['ALTER TABLE tokens MODIFY id bigint unsigned NOT NULL, DROP PRIMARY KEY, ADD PRIMARY KEY (token, id)'],
    /tokens\.id is no key and does not draw.*: ALTER TABLE tokens DROP PRIMARY KEY, ADD PRIMARY KEY/,
  ],
  [
    'unique e-mail addresses',
    ['CREATE UNIQUE INDEX own_emails ON accounts (email)'],
    /the unique index own_emails of accounts over \(email\) refuses rows that this service writes: ALTER TABLE accounts DROP INDEX `own_emails`/,
  ],
  [
    'unique usernames over domains',
    ["UPDATE accounts SET username = 'alice2' WHERE id = 5", 'CREATE UNIQUE INDEX own_names ON accounts (username)'],
    /the unique index own_names/,
  ],
  ['unique beginnings', ['CREATE UNIQUE INDEX own_tokens ON tokens (token(4))'], /the unique index own_tokens/],
  [
    'an index of our name that is another',
    ['CREATE INDEX accounts_username_domain_unique ON accounts (username, domain)'],
    /the index accounts_username_domain_unique/,
  ],
  [
    'an index of our name over beginnings',
    ['CREATE UNIQUE INDEX nonces_nonce_unique ON nonces (nonce(20))'],
    /the index nonces_nonce_unique/,
  ],
  [
    'a window that is too small',
    ['ALTER TABLE nonces ADD nc_window int NULL'],
    /nonces\.nc_window is int.*\n|nonces\.nc is int/,
  ],
  [
    'names without end',
    ['ALTER TABLE aliases MODIFY alias text NOT NULL'],
    /aliases\.alias is text, and can be in no unique index/,
  ],
];

describe('A database that cannot be used as it is', () => {
  it.each(IN_THE_WAY)(
    'because of %s: start names it before anything is changed, and works once the advice is followed',
    async (_name, statements, told) => {
      const { database, connection } = await foundWith(...statements);
      const before = await snapshot(database);
      const dataSource = await openAsService(database);
      const failure = (await migrate(dataSource).catch((error: unknown) => error)) as Error;
      expect(failure.message).toMatch(told);
      expect(failure.message).toContain('Nothing was changed');
      expect(await snapshot(database)).toEqual(before);
      await expect(Api.start({ database })).rejects.toThrow(failure.message);
      expect(await snapshot(database)).toEqual(before);

      for (const { advice } of (await obstacles(dataSource)).tables) {
        for (const statement of advice.split('; ')) await connection.query(statement);
      }
      await migrate(dataSource);
      await dataSource.destroy();
      const api = await Api.start({ database });
      const body = {
        username: 'u'.repeat(64),
        password: 'secret words',
        algorithm: 'SHA-256',
        phone: '+33610000004',
        activated: true,
      };
      const account = accountOf2021(0, body.username);
      expect((await api.withKey(OPERATOR).post('/api/accounts', body)).status).toBe(200);
      expect((await api.withDigest(account, 'SHA-256').get('/api/accounts/me')).json).toMatchObject({
        activated: true,
        phone: body.phone,
      });
      await api.stop();
      await connection.end();
      await database.remove();
    },
  );

  it('because of a view in place of a table, or of partitions: start names them', async () => {
    const { database, connection } = await foundWith(
      'RENAME TABLE tokens TO real_tokens',
      'CREATE VIEW tokens AS SELECT * FROM real_tokens',
      withoutKeys('nonces'),
      'DROP INDEX nonces_account_id_foreign ON nonces',
      'ALTER TABLE nonces PARTITION BY HASH (id) PARTITIONS 2',
    );
    const before = await snapshot(database, ['nonces']);
    await expect(Api.start({ database })).rejects.toThrow(
      /nonces is partitioned[^]*tokens is a view, and must be a table/,
    );
    expect(await snapshot(database, ['nonces'])).toEqual(before);
    await connection.end();
    await database.remove();
  });

  it('because its tables are those of a later server: start says so in one line', async () => {
    const { database, connection } = await foundWith(
      'ALTER TABLE accounts CHANGE creation_time created_at datetime NOT NULL, DROP confirmation_key',
      'ALTER TABLE api_keys ADD last_used_at datetime NOT NULL',
    );
    const before = await snapshot(database);
    await expect(Api.start({ database })).rejects.toThrow(
      /^The tables .*\n  - the tables are those of a flexisip-account-manager from 1\.4 on.*\n.*$/,
    );
    expect(await snapshot(database)).toEqual(before);
    await connection.end();
    await database.remove();
  });

  it('because accounts.phone cannot hold an alias, or rows of no account are duplicates: start names the rows', async () => {
    const { database, connection } = await foundWith(
      'ALTER TABLE aliases MODIFY alias varchar(128) NOT NULL',
      `INSERT INTO aliases (account_id, alias, domain) VALUES (4, '${'1'.repeat(80)}', 'sip.example.org')`,
    );
    await expect(Api.start({ database })).rejects.toThrow(/aliases: id 3: accounts\.phone of account 4 cannot hold/);
    await connection.query(
      `DELETE FROM aliases WHERE id = 3; ${withoutKeys('aliases')};
       INSERT INTO aliases (id, account_id, alias, domain) VALUES (7, 900, '+1', 'x'), (8, 901, '+1', 'x')`,
    );
    await expect(Api.start({ database })).rejects.toThrow(/aliases: ids 7,8: of no account/);
    await connection.end();
    await database.remove();
  });

  it('because rights are missing: start names them, but only where they are needed', async () => {
    const { database, connection } = await foundWith();
    const { DB_DATABASE } = database.environment;
    const user = `weak_${process.pid}`;
    const weak = { DB_USERNAME: user, DB_PASSWORD: 'secret' };
    await connection.query(`CREATE USER ${user} IDENTIFIED BY 'secret'`);
    await connection.query(
      `GRANT SELECT, INSERT, UPDATE, DELETE, CREATE, INDEX, REFERENCES ON ${DB_DATABASE}.* TO ${user}`,
    );
    const before = await snapshot(database);
    const refused =
      'The pending migrations need the rights ALTER, which the user of DB_USERNAME does not have. Grant them on DB_DATABASE.';
    await expect(Api.start({ database, environment: weak })).rejects.toThrow(refused);
    expect(await snapshot(database)).toEqual(before);

    await (await Api.start({ database })).stop();
    await connection.query(`REVOKE CREATE, INDEX, REFERENCES ON ${DB_DATABASE}.* FROM ${user}`);
    // The state after an update to a version whose migration finds its changes already made.
    await connection.query('DELETE FROM flexisip_api_migrations ORDER BY id DESC LIMIT 1');
    await (await Api.start({ database, environment: weak })).stop();
    await connection.query(`DROP USER ${user}`);
    await connection.end();
    await database.remove();
  });

  it('is named by migrate, migrate:status, doctor and start in the same words', async () => {
    const { database, connection } = await foundWith('ALTER TABLE nonces ROW_FORMAT=COMPACT');
    const environment = { APP_KEY, ...database.environment };
    const before = await snapshot(database);
    const message =
      'nonces has no room for the unique index over (nonce): a column of 1020 bytes, and the row format COMPACT takes 767 at most';
    const advice = 'ALTER TABLE nonces ROW_FORMAT=DYNAMIC';
    expect(await runCli(environment, 'migrate')).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringContaining(`${message}: ${advice}`) as string,
    });
    const status = await runCli(environment, 'migrate:status', '--json');
    expect({ code: status.code, ...(JSON.parse(status.stdout) as object) }).toMatchObject({
      code: 2,
      obstacles: [`${message}: ${advice}`],
    });
    expect(found(await diagnose(environment), 'schema')).toContain(`error: ${message}`);
    for (const DB_MIGRATE of ['true', 'false']) {
      await expect(Api.start({ database, environment: { DB_MIGRATE } })).rejects.toThrow(`${message}: ${advice}`);
    }
    expect(await snapshot(database)).toEqual(before);
    await connection.end();
    await database.remove();
  });
});

describe('A database of 2021 is completed that has', () => {
  it.each<[string, string[]]>([
    ['phone numbers as texts without end', ['ALTER TABLE accounts ADD phone text NULL']],
    ['long phone numbers in COMPACT format', ['ALTER TABLE accounts ROW_FORMAT=COMPACT, ADD phone varchar(255) NULL']],
    [
      'counts of nonces that are none',
      [
        'ALTER TABLE nonces MODIFY nc bigint NULL',
        "INSERT INTO nonces (account_id, nonce, nc) VALUES (1, 'none', NULL), (1, 'negative', -1), (1, 'large', 4294967296), (1, 'most', 4294967295)",
      ],
    ],
    [
      'unique indexes that refuse nothing',
      ['CREATE UNIQUE INDEX own_ids ON accounts (email, id)', 'CREATE UNIQUE INDEX own_tokens ON tokens (token)'],
    ],
  ])('%s', async (_name, statements) => {
    const { database, connection } = await foundWith(...statements);
    const api = await Api.start({ database });
    expect((await api.withKey(OPERATOR).get('/api/accounts/1')).json).toMatchObject({ phone: '+33612345678' });
    expect(await api.count('nonces', "nonce IN ('none', 'negative', 'large')")).toBe(0);
    expect(await api.count('nonces', 'nc = 3')).toBe(1);
    await api.stop();
    await connection.end();
    await database.remove();
  });
});
