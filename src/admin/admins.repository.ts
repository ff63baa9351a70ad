import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import type { EntityManager, Repository } from 'typeorm';
import { lockOnAllNodes } from '../database/cluster-locks.js';
import { dialectOf } from '../database/dialect.js';
import { Account } from '../database/entities/account.entity.js';
import { Admin } from '../database/entities/admin.entity.js';

/** The statements on `admins`. Methods that take a manager run in the transaction of their caller. */
@Injectable()
export class AdminsRepository {
  constructor(@InjectRepository(Admin) private readonly admins: Repository<Admin>) {}

  /** Whether there is any administrator, activated or not. */
  async exist(): Promise<boolean> {
    return (await this.admins.count()) > 0;
  }

  async insert(manager: EntityManager, accountId: number, now: Date): Promise<void> {
    await manager.insert(Admin, { accountId, createdAt: now, updatedAt: now });
  }

  async remove(manager: EntityManager, accountId: number): Promise<void> {
    await manager.delete(Admin, { accountId });
  }

  /** Whether an administrator other than this account is activated. */
  async hasOtherActivated(accountId: number, manager: EntityManager = this.admins.manager): Promise<boolean> {
    const others = manager
      .createQueryBuilder(Admin, 'admin')
      .innerJoin(Account, 'account', 'account.id = admin.account_id')
      .where('account.id <> :id AND account.activated = :activated', { id: accountId, activated: true });
    return (await others.limit(1).getCount()) > 0;
  }

  /** Locks all administrators until the transaction ends, so that they lose their rights one after the other. */
  async lockAll(manager: EntityManager): Promise<void> {
    await lockOnAllNodes(manager, 'administrators');
    // SQLite has one writing transaction at a time, and no `FOR UPDATE`.
    if (dialectOf(manager.dataSource) === 'mysql') await manager.query('SELECT id FROM admins FOR UPDATE');
  }
}
