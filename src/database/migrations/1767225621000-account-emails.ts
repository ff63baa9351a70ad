import type { MigrationInterface, QueryRunner } from 'typeorm';
import { dialectOf } from '../dialect.js';
import { dropIndex, hasIndex, hasOtherIndexOn, widthOf } from '../schema-inspection.js';

export const ACCOUNT_EMAILS = 'accounts_email_lookup';

/** Characters of the column as this service creates it. Of a longer existing column this many are indexed. */
const WIDTH = 64;

/** Adds an index by which accounts are found by their e-mail address. An index that starts with the column is enough. */
export class AccountEmails1767225621000 implements MigrationInterface {
  readonly name = 'AccountEmails1767225621000';

  async up(queryRunner: QueryRunner): Promise<void> {
    if (await hasIndex(queryRunner, 'accounts', ACCOUNT_EMAILS)) return;
    const isMysql = dialectOf(queryRunner.dataSource) === 'mysql';
    if (isMysql && (await hasOtherIndexOn(queryRunner, 'accounts', 'email', ACCOUNT_EMAILS))) return;
    const isLong = isMysql && (await widthOf(queryRunner, 'accounts', 'email')) > WIDTH;
    await queryRunner.query(`CREATE INDEX ${ACCOUNT_EMAILS} ON accounts (email${isLong ? `(${WIDTH})` : ''})`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    if (await hasIndex(queryRunner, 'accounts', ACCOUNT_EMAILS)) {
      await dropIndex(queryRunner, 'accounts', ACCOUNT_EMAILS);
    }
  }
}
