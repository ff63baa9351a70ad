import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { Account } from '../database/entities/account.entity.js';
import { Alias } from '../database/entities/alias.entity.js';
import { PhoneChangeCode } from '../database/entities/phone-change-code.entity.js';
import { EMAIL_CHANGE, PHONE_CHANGE } from '../accounts/purposes.js';
import { ApiKey } from '../database/entities/api-key.entity.js';
import type { Timestamped } from '../database/columns/timestamped.js';
import { parseDateTime } from '../database/columns/utc-date-time.js';

/** Something that waits for its owner's confirmation, with the moment until which it does; null for one without end. */
interface Pending {
  readonly value: string;
  readonly expires: Date | null;
}

/** What belongs to an account besides what every answer of the API holds; no secret among it. */
export interface AccountDetails {
  readonly aliases: readonly string[];
  /** When its API key was made; null where it has none, or nobody wrote it down. */
  readonly apiKeyCreated: Date | null;
  readonly newEmail: Pending | null;
  readonly newPhone: Pending | null;
  /** A column that neither this service nor Flexisip's own request looks at; a request that an operator wrote may. */
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
        expires: endOf(account.emailChange, EMAIL_CHANGE.lifetime),
      },
      newPhone: code ? { value: code.phone, expires: endOfCode(code, account) } : null,
      expireTime: parseDateTime(row?.expire_time ?? null),
    };
  }
}

/** The number an account was created with waits for the activation, any other for ten minutes. */
function endOfCode(code: PhoneChangeCode, { activated, activationExpiration }: Account): Date | null {
  return activated ? endOf(code, PHONE_CHANGE.lifetime) : (activationExpiration?.expires ?? null);
}

/** What does not say when it began is over. */
function endOf({ createdAt }: Timestamped, seconds: number): Date {
  return new Date(createdAt === null ? 0 : createdAt.getTime() + seconds * 1000);
}
