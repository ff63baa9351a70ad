import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { constantStatement } from '../database/constant-statement.js';
import { Password } from '../database/entities/password.entity.js';
import { writePrepared } from '../database/prepared.js';
import { Transactions } from '../database/transactions.js';

/** A row of `passwords`, without its id. */
export type StoredPassword = Pick<Password, 'accountId' | 'algorithm' | 'password'>;

const INSERT = constantStatement('INSERT INTO passwords (account_id, algorithm, password) VALUES (?, ?, ?)');
const SWAP = constantStatement(
  'UPDATE passwords SET algorithm = ?, password = ? WHERE account_id = ? AND algorithm = ? AND password = ?',
);

/** The statements on `passwords`. Those with a manager run in the transaction of their caller. */
@Injectable()
export class PasswordsRepository {
  constructor(private readonly transactions: Transactions) {}

  async insert(manager: EntityManager, { accountId, algorithm, password }: StoredPassword): Promise<void> {
    await writePrepared(manager, INSERT, [accountId, algorithm, password]);
  }

  async removeAll(manager: EntityManager, accountId: number): Promise<void> {
    await manager.delete(Password, { accountId });
  }

  /**
   * Replaces one password by another if it is still stored, in one statement.
   *
   * @returns whether it was.
   */
  async swap(before: StoredPassword, { algorithm, password }: Omit<StoredPassword, 'accountId'>): Promise<boolean> {
    const values = [algorithm, password, before.accountId, before.algorithm, before.password];
    return (await this.transactions.affectedBy(SWAP, values)) === 1;
  }
}
