import { Injectable } from '@nestjs/common';
import { inAnyState } from '../accounts/account-condition.js';
import { AccountCreationService, type Source } from '../accounts/account-creation.service.js';
import { AccountCount } from '../directory/account-count.service.js';
import { AccountLookup } from '../directory/account-lookup.service.js';
import { AccountNotFound } from '../directory/account-not-found.js';
import { ActivationService } from '../accounts/activation.service.js';
import type { Account } from '../database/entities/account.entity.js';
import { randomAlphanumeric } from '../common/random.js';
import { Settings } from '../config/settings.js';
import { Transactions } from '../database/transactions.js';
import { parseDateTime } from '../database/columns/utc-date-time.js';
import { DevicesService } from '../devices/devices.service.js';
import type { CreateAccountDto } from './dto/create-account.dto.js';

/** The actions of administrators on accounts. */
@Injectable()
export class AdminAccountsService {
  constructor(
    private readonly accounts: AccountLookup,
    private readonly accountCount: AccountCount,
    private readonly creation: AccountCreationService,
    private readonly activation: ActivationService,
    private readonly devices: DevicesService,
    private readonly transactions: Transactions,
    private readonly settings: Settings,
  ) {}

  /**
   * Creates an account. One that is not activated gets a confirmation key. No e-mail or SMS is sent.
   *
   * @throws UsernameTaken, PhoneTaken, ValidationFailed for a text that the database cannot store.
   */
  async create(given: CreateAccountDto, source: Source): Promise<Account> {
    const {
      domain = this.settings.sipDomains[0],
      activated = false,
      admin = false,
      algorithm = this.settings.defaultAlgorithm,
      confirmation_key_expires: expires = null,
      display_name: displayName,
      dtmf_protocol: dtmfProtocol,
      dictionary,
    } = given;
    const confirmation = activated
      ? { confirmationKey: null, confirmationExpires: null }
      : { confirmationKey: randomAlphanumeric(13), confirmationExpires: parseDateTime(expires) };
    const profile = { displayName, dtmfProtocol, dictionary };
    const account = { ...given, domain, algorithm, activated, admin, ...confirmation, ...profile };
    return this.transactions.run(async (manager) => {
      const created = await this.creation.create(manager, account, source);
      this.creation.announce(created);
      return created;
    }, this.creation.isolationFor(account));
  }

  /** @throws AccountNotFound. */
  async show(id: number): Promise<Account> {
    const account = await this.accounts.byId(id);
    if (!account) throw new AccountNotFound();
    return account;
  }

  /**
   * Returns a page of all accounts, ordered by id, and the total number of accounts. Changes that other processes made
   * in the last seconds may be missing ({@link AccountCount}).
   *
   * @param search a part of the SIP address, e-mail address or phone number; empty for all accounts.
   */
  async list(page: number, perPage: number, search = ''): Promise<{ accounts: Account[]; total: number }> {
    const offset = (page - 1) * perPage;
    if (search !== '') {
      const [accounts, total] = await Promise.all([
        this.accounts.search(search, perPage, offset),
        this.accounts.count(search),
      ]);
      // Both queries run at the same time, but each sees its own state of the data.
      return { accounts, total: Math.max(total, accounts.length > 0 ? offset + accounts.length : 0) };
    }
    const counted = await this.accountCount.current();
    const start = counted.startOf(offset);
    // The page never holds more accounts than the total says. Other processes may have created accounts since the
    // count.
    const accounts = start ? await this.accounts.page(Math.min(perPage, start.left), start) : [];
    return { accounts, total: counted.total };
  }

  /** @throws AccountNotFound. */
  async activate(id: number, condition = inAnyState): Promise<Account> {
    return this.activation.activate(id, condition);
  }

  /**
   * Deactivates an account, and ends its registrations at the SIP proxy if the proxy can be reached.
   *
   * @throws AccountNotFound.
   */
  async deactivate(id: number, condition = inAnyState): Promise<Account> {
    const account = await this.activation.deactivate(id, condition);
    await this.devices.removeAll(account);
    return account;
  }
}
