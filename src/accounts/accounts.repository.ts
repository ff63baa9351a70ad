import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Clock } from '../common/clock.js';
import { formatDictionary } from '../database/columns/dictionary-text.js';
import { formatDateTime } from '../database/columns/utc-date-time.js';
import { constantStatement } from '../database/constant-statement.js';
import { Account } from '../database/entities/account.entity.js';
import { ActivationExpiration } from '../database/entities/activation-expiration.entity.js';
import { Admin } from '../database/entities/admin.entity.js';
import { Token } from '../database/entities/token.entity.js';
import { writePrepared } from '../database/prepared.js';

/** The columns of a new row of `accounts`. */
export type NewRow = Pick<
  Account,
  | 'username'
  | 'domain'
  | 'email'
  | 'activated'
  | 'confirmationKey'
  | 'ipAddress'
  | 'userAgent'
  | 'creationTime'
  | 'neverActivated'
  | 'hasCreationToken'
  | 'displayName'
  | 'dtmfProtocol'
  | 'dictionary'
>;

/** Columns of an account that may change, with their new values. */
export type AccountChanges = Partial<
  Pick<
    Account,
    | 'username'
    | 'email'
    | 'phone'
    | 'activated'
    | 'blocked'
    | 'activatedBeforeBlock'
    | 'neverActivated'
    | 'hasCreationToken'
    | 'confirmationKey'
    | 'displayName'
    | 'dtmfProtocol'
    | 'dictionary'
  >
>;

/** The column that ties a row to its account. */
const OWNER = 'account_id';

const INSERT = constantStatement(`
  INSERT INTO accounts (username, domain, email, activated, confirmation_key, ip_address, user_agent, creation_time,
    never_activated, has_creation_token, display_name, dtmf_protocol, dictionary)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`);

/** The statements that create and delete accounts. Each runs in the transaction of its caller. AccountLookup finds them. */
@Injectable()
export class AccountsRepository {
  constructor(private readonly clock: Clock) {}

  /** @returns the id of the account. */
  async insert(manager: EntityManager, row: NewRow): Promise<number> {
    const { insertId } = await writePrepared(manager, INSERT, [
      row.username,
      row.domain,
      row.email,
      Number(row.activated),
      row.confirmationKey,
      row.ipAddress,
      row.userAgent,
      formatDateTime(row.creationTime),
      Number(row.neverActivated),
      Number(row.hasCreationToken),
      row.displayName,
      row.dtmfProtocol,
      formatDictionary(row.dictionary),
    ]);
    return insertId;
  }

  /** Changes columns of an account, and with them the time of its last change. The transaction holds the account. */
  async update(manager: EntityManager, id: number, changes: AccountChanges): Promise<void> {
    await manager.update(Account, { id }, { ...changes, updatedAt: this.clock.now() });
  }

  async insertAdmin(manager: EntityManager, admin: Admin): Promise<void> {
    await manager.insert(Admin, admin);
  }

  async insertExpiration(manager: EntityManager, expiration: ActivationExpiration): Promise<void> {
    await manager.insert(ActivationExpiration, expiration);
  }

  /**
   * Deletes an account with every row that belongs to it. The transaction holds the account.
   *
   * Each table has a statement of its own: in an older installation without foreign keys, or with keys that do not
   * cascade, the database would keep passwords, rights and the phone number of a deleted account. Every entity with an
   * `account_id` is included without being listed here.
   */
  async remove(manager: EntityManager, id: number): Promise<void> {
    for (const { target, columns } of manager.dataSource.entityMetadatas) {
      if (!columns.some(({ databaseName }) => databaseName === OWNER)) continue;
      // A token outlives its account, used as it is: the tokens of a device are counted.
      if (target === Token) await manager.update(Token, { accountId: id }, { accountId: null });
      else await manager.delete(target, { accountId: id });
    }
    await manager.delete(Account, { id });
  }
}
