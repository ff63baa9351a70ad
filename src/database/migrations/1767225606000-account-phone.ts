import type { MigrationInterface, QueryRunner } from 'typeorm';
import { dialectOf } from '../dialect.js';
import { dropIndex, hasIndex, widthOf } from '../schema-inspection.js';

const BATCH = 10_000;
/**
 * Characters of the column as this migration adds it. Of a longer existing column this many are indexed, which every
 * row format allows.
 */
const WIDTH = 64;
const INDEX = 'accounts_phone_index';

/**
 * Adds `accounts.phone`, which the presence server of Flexisip 2.5 and later reads, and fills it from the aliases. The
 * aliases stay for older versions. From now on the service writes both.
 */
export class AccountPhone1767225606000 implements MigrationInterface {
  readonly name = 'AccountPhone1767225606000';

  async up(queryRunner: QueryRunner): Promise<void> {
    if (!(await queryRunner.hasColumn('accounts', 'phone'))) {
      await queryRunner.query('ALTER TABLE accounts ADD COLUMN phone varchar(64) NULL');
    }
    await this.fill(queryRunner);
    if (!(await hasIndex(queryRunner, 'accounts', INDEX))) {
      const isLong = dialectOf(queryRunner.dataSource) === 'mysql' && (await widthOf(queryRunner, 'accounts', 'phone')) > WIDTH;
      await queryRunner.query(`CREATE INDEX ${INDEX} ON accounts (phone${isLong ? `(${WIDTH})` : ''})`);
    }
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    if (await hasIndex(queryRunner, 'accounts', INDEX)) await dropIndex(queryRunner, 'accounts', INDEX);
    if (await queryRunner.hasColumn('accounts', 'phone')) await queryRunner.query('ALTER TABLE accounts DROP COLUMN phone');
  }

  /** Copies the first alias of each account, in batches, so that no statement locks a large table for long. */
  private async fill(queryRunner: QueryRunner): Promise<void> {
    const [{ last }]: [{ last: number | null }] = await queryRunner.query('SELECT MAX(id) AS last FROM accounts');
    for (let from = 1; from <= Number(last ?? 0); from += BATCH) {
      await queryRunner.query(
        `UPDATE accounts SET phone = (SELECT alias FROM aliases WHERE aliases.account_id = accounts.id ORDER BY aliases.id LIMIT 1)
          WHERE id >= ? AND id < ? AND phone IS NULL`,
        [from, from + BATCH],
      );
    }
  }
}
