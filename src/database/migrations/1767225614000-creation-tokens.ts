import type { QueryRunner } from 'typeorm';
import { dropIndex, hasIndex } from '../schema-inspection.js';
import { AddedColumns, moment, reference, shortText } from './added-columns.js';

export const TOKENS_OF_ACCOUNT = 'tokens_account_id_index';

/**
 * Lets `tokens` hold every kind of account creation token (contract-2x §2): how it was drawn, until when it is accepted,
 * which route has used it, and for which account. `account_id` is no foreign key: a token outlives its account, because
 * the tokens of a device are counted.
 */
export class CreationTokens1767225614000 extends AddedColumns {
  readonly name = 'CreationTokens1767225614000';
  protected readonly table = 'tokens';
  protected readonly columns = {
    origin: shortText(16),
    expires: moment,
    used_by: shortText(32),
    account_id: reference,
  };

  override async up(queryRunner: QueryRunner): Promise<void> {
    await super.up(queryRunner);
    if (await hasIndex(queryRunner, this.table, TOKENS_OF_ACCOUNT)) return;
    await queryRunner.query(`CREATE INDEX ${TOKENS_OF_ACCOUNT} ON ${this.table} (account_id)`);
  }

  override async down(queryRunner: QueryRunner): Promise<void> {
    if (await hasIndex(queryRunner, this.table, TOKENS_OF_ACCOUNT)) {
      await dropIndex(queryRunner, this.table, TOKENS_OF_ACCOUNT);
    }
    await super.down(queryRunner);
  }
}
