import { migrate, revert } from '../../src/database/migrate.js';
import { findSchema } from '../../src/database/schema/found-tables.js';
import { neededRights } from '../../src/database/schema/needed-rights.js';
import { NEEDED_TABLES } from '../../src/database/schema/needed-tables.js';
import { Api } from '../support/api.js';
import { runCli } from '../support/cli.js';
import { foundWith, openAsService, withoutKeys } from '../support/database-2021.js';
import { diagnose, found } from '../support/doctor.js';
import { APP_KEY } from '../support/settings.js';

// Some tests run commands in processes of their own.
jest.setTimeout(180_000);

describe('A migrated database', () => {
  it.each([
    [
      'a table moved to MyISAM',
      `${withoutKeys('phone_change_codes')}; ALTER TABLE phone_change_codes ENGINE=MyISAM`,
      /phone_change_codes is kept by MyISAM/,
    ],
    [
      'a unique index dropped',
      'DROP INDEX nonces_nonce_unique ON nonces',
      /nonces has no unique index over \(nonce\): CREATE UNIQUE INDEX nonces_nonce_unique ON nonces \(nonce\)/,
    ],
    [
      'the window of nonces made small',
      'ALTER TABLE nonces MODIFY nc_window int unsigned NULL',
      /nonces\.nc_window is int/,
    ],
    ['accounts.phone dropped', 'ALTER TABLE accounts DROP phone', /accounts has no column phone/],
    ['a table dropped', 'DROP TABLE tokens', /the table tokens is missing: Restore it from a backup/],
    [
      'a table of ours dropped',
      'DROP TABLE panel_sessions',
      /the table panel_sessions is missing: DELETE FROM flexisip_api_migrations/,
    ],
  ])('with %s is not served', async (_name, statement, told) => {
    const { database, connection } = await foundWith();
    await (await Api.start({ database })).stop();
    await connection.query(statement);
    for (const DB_MIGRATE of ['true', 'false']) {
      await expect(Api.start({ database, environment: { DB_MIGRATE } })).rejects.toThrow(told);
    }
    await connection.end();
    await database.remove();
  });

  it.each(['delivery_claims', 'flexisip_api_locks', 'flexisip_api_jobs'])(
    'without %s is refused by name, and works once the advice is followed',
    async (table) => {
      const { database, connection } = await foundWith();
      const environment = { APP_KEY, ...database.environment };
      await (await Api.start({ database })).stop();
      await connection.query(`DROP TABLE ${table}`);
      const missing = `the table ${table} is missing`;
      await expect(Api.start({ database })).rejects.toThrow(missing);
      expect((await runCli(environment, 'migrate:status')).stdout).toContain(missing);
      const { findings } = await diagnose(environment);
      const finding = findings.find(({ message }) => message === missing);
      await connection.query(/^DELETE FROM .*'/.exec(finding?.advice ?? '')?.[0] ?? '');
      await (await Api.start({ database })).stop();
      await connection.end();
      await database.remove();
    },
  );

  it.each(['delivery_claims', 'flexisip_api_locks', 'flexisip_api_jobs'])(
    'with rights on all tables but %s is refused by name',
    async (table) => {
      const { database, connection } = await foundWith();
      const { DB_DATABASE } = database.environment;
      const user = `by_table_${process.pid}`;
      const weak = { DB_USERNAME: user, DB_PASSWORD: 'secret' };
      await (await Api.start({ database })).stop();
      await connection.query(`CREATE USER ${user} IDENTIFIED BY 'secret'`);
      for (const one of [...Object.keys(NEEDED_TABLES), 'flexisip_api_migrations'].filter((name) => name !== table)) {
        await connection.query(`GRANT SELECT, INSERT, UPDATE, DELETE ON ${DB_DATABASE}.${one} TO ${user}`);
      }
      // A user without any right on a table does not even see it.
      await connection.query(`GRANT SELECT ON ${DB_DATABASE}.${table} TO ${user}`);
      const rights = `INSERT on ${table}, UPDATE on ${table}, DELETE on ${table}`;
      await expect(Api.start({ database, environment: weak })).rejects.toThrow(
        `The service needs the rights ${rights}, which`,
      );
      const diagnosis = await diagnose({ APP_KEY, ...database.environment, ...weak });
      expect(found(diagnosis, 'database')).toContain(`error: missing rights: ${rights}`);
      await connection.query(`GRANT INSERT, UPDATE, DELETE ON ${DB_DATABASE}.${table} TO ${user}`);
      await (await Api.start({ database, environment: weak })).stop();
      await connection.query(`DROP USER ${user}`);
      await connection.end();
      await database.remove();
    },
  );

  it('needs the right to add the index that an interruption left out of delivery_claims', async () => {
    const { database, connection } = await foundWith();
    await (await Api.start({ database })).stop();
    await connection.query(`DROP INDEX delivery_claims_expires_index ON delivery_claims;
      DELETE FROM flexisip_api_migrations WHERE name LIKE 'DeliveryClaims%'`);
    const dataSource = await openAsService(database);
    const queryRunner = dataSource.createQueryRunner();
    const schema = await findSchema(queryRunner);
    expect(neededRights(schema, new Set(['DeliveryClaims1767225610000']), [])).toEqual(['INDEX']);
    await queryRunner.release();
    await dataSource.destroy();
    await connection.end();
    await database.remove();
  });

  it('can be taken back where a foreign key rests on an index of ours', async () => {
    const { database, connection } = await foundWith(
      withoutKeys('nonces'),
      'DROP INDEX nonces_account_id_foreign ON nonces',
    );
    const dataSource = await openAsService(database);
    await migrate(dataSource);
    await connection.query(
      'ALTER TABLE nonces ADD CONSTRAINT own_key FOREIGN KEY (account_id) REFERENCES accounts (id)',
    );
    await revert(dataSource, () => undefined);
    const [left] = await connection.query("SHOW INDEX FROM nonces WHERE Key_name = 'nonces_account_id_lookup'");
    expect(left).toEqual([]);
    await dataSource.destroy();
    await connection.end();
    await database.remove();
  });
});
