import type { QueryRunner } from 'typeorm';
import { dialectOf } from '../dialect.js';
import { UniqueAddition } from './unique-addition.js';

/**
 * Lets one statement on `nonces` decide whether a (nonce, nc) is unused: one row per nonce, a bit for each of the last
 * 64 counts, and counts up to ffffffff (RFC 7616 §3.4).
 */
export class NonceWindow1767225605000 extends UniqueAddition {
  readonly name = 'NonceWindow1767225605000';
  protected readonly table = 'nonces';
  protected readonly columns = ['nonce'];
  protected readonly index = 'nonces_nonce_unique';
  protected readonly names = 'MIN(t.nonce)';

  override async up(queryRunner: QueryRunner): Promise<void> {
    await super.up(queryRunner);
    if (await queryRunner.hasColumn('nonces', 'nc_window')) return;
    // These values are not valid counts of RFC 7616, and the new column cannot hold them. A client with such a nonce
    // gets a new one.
    await queryRunner.query('DELETE FROM nonces WHERE nc IS NULL OR nc < 0 OR nc > 4294967295');
    await queryRunner.query(
      dialectOf(queryRunner.dataSource) === 'sqlite'
        ? 'ALTER TABLE nonces ADD COLUMN nc_window integer NULL'
        : 'ALTER TABLE nonces ADD COLUMN nc_window bigint unsigned NULL, MODIFY COLUMN nc int unsigned NOT NULL DEFAULT 0',
    );
  }

  override async down(queryRunner: QueryRunner): Promise<void> {
    if (await queryRunner.hasColumn('nonces', 'nc_window')) {
      // The old column cannot hold a count beyond the signed range. The old server rejects such a nonce in any case.
      await queryRunner.query('DELETE FROM nonces WHERE nc > 2147483647');
      await queryRunner.query(
        dialectOf(queryRunner.dataSource) === 'sqlite'
          ? 'ALTER TABLE nonces DROP COLUMN nc_window'
          : 'ALTER TABLE nonces DROP COLUMN nc_window, MODIFY COLUMN nc int NOT NULL DEFAULT 0',
      );
    }
    await super.down(queryRunner);
  }
}
