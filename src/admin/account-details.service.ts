import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { Account } from '../database/entities/account.entity.js';
import { Alias } from '../database/entities/alias.entity.js';
import { PhoneChangeCode } from '../database/entities/phone-change-code.entity.js';
import { EMAIL_CHANGE, PHONE_CHANGE } from '../accounts/purposes.js';
import { ApiKey } from '../database/entities/api-key.entity.js';
import { parseDateTime } from '../database/columns/utc-date-time.js';

/** A new e-mail address or phone number that waits for confirmation. `expires` is null if it does not expire. */
interface Pending {
  readonly value: string;
  readonly expires: Date | null;
}

/** The data of an account beyond the answers of the API. It holds no secret. */
export interface AccountDetails {
  readonly aliases: readonly string[];
  /** The creation time of the API key. Null if there is no key, or if the time was not recorded. */
  readonly apiKeyCreated: Date | null;
  readonly newEmail: Pending | null;
  readonly newPhone: Pending | null;
  /**
   * A column that neither this service nor Flexisip's default request reads. A request that an operator has written may
   * read it.
   */
  readonly expireTime: Date | null;
}

/** Reads everything that belongs to an account, for operators. */
@Injectable()
export class AccountDetailsService {
  constructor(private readonly dataSource: DataSource) {}

  async of(account: Account): Promise<AccountDetails> {
    const { manager } = this.dataSource;
    const mine = { accountId: account.id };
    const [aliases, apiKey, [code], [row]] = await Promise.all([
      manager.find(Alias, { where: mine, order: { id: 'ASC' } }),
      manager.findOneBy(ApiKey, mine),
      manager.find(PhoneChangeCode, { where: mine, order: { id: 'DESC' }, take: 1 }),
      manager.query<{ expire_time: string | null }[]>('SELECT expire_time FROM accounts WHERE id = ?', [account.id]),
    ]);
    return {
      aliases: aliases.map(({ alias }) => alias),
      apiKeyCreated: apiKey?.createdAt ?? null,
      newEmail: account.emailChange && {
        value: account.emailChange.newEmail,
        expires: account.emailChange.endAfter(EMAIL_CHANGE.lifetime),
      },
      newPhone: code ? { value: code.phone, expires: endOfCode(code, account) } : null,
      expireTime: parseDateTime(row?.expire_time ?? null),
    };
  }
}

/**
 * The phone number from the creation of an account waits for the activation. Any other number waits for ten minutes.
 */
function endOfCode(code: PhoneChangeCode, { activated, activationExpiration }: Account): Date | null {
  return activated ? code.endAfter(PHONE_CHANGE.lifetime) : (activationExpiration?.expires ?? null);
}
