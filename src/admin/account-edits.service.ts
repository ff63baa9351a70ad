import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import type { AccountCondition } from '../accounts/account-condition.js';
import type { Profile } from '../accounts/account-creation.service.js';
import { ActivationService } from '../accounts/activation.service.js';
import { EmailChangeService } from '../accounts/email-change.service.js';
import { PasswordsService } from '../accounts/passwords.service.js';
import { PhoneChangeService } from '../accounts/phone-change.service.js';
import { ProfilesService } from '../accounts/profiles.service.js';
import { ValidationFailed } from '../common/errors/app-error.js';
import { type Dictionary, formatDictionary } from '../database/columns/dictionary-text.js';
import type { Account } from '../database/entities/account.entity.js';
import { DICTIONARY_LENGTH } from '../database/schema/needed-tables.js';
import { Transactions } from '../database/transactions.js';
import { DevicesService } from '../devices/devices.service.js';
import type { DigestAlgorithm } from '../digest/ha1.js';
import { AccountLookup } from '../directory/account-lookup.service.js';
import { AdminRightsService } from './admin-rights.service.js';

/** Changes of an account. A member that is undefined stays as it is. */
export interface AccountEdit extends Partial<Omit<Profile, 'dictionary'>> {
  readonly username?: string;
  readonly password?: string;
  readonly algorithm?: DigestAlgorithm;
  /** The domain that the caller believes the account to have. */
  readonly domain?: string;
  readonly email?: string | null;
  readonly phone?: string | null;
  /** The new dictionary, from the current one. */
  readonly dictionary?: (current: Dictionary) => Dictionary;
  readonly activated?: boolean;
  readonly admin?: boolean;
}

/**
 * Changes several members of an account at once (contract-2x §4: PUT and PATCH). The account is locked and only what was
 * sent is applied, so calls that change different members at once both hold. A member that already has the value is not
 * changed and reports no event.
 */
@Injectable()
export class AccountEditsService {
  constructor(
    private readonly accounts: AccountLookup,
    private readonly profiles: ProfilesService,
    private readonly emails: EmailChangeService,
    private readonly phones: PhoneChangeService,
    private readonly passwords: PasswordsService,
    private readonly activation: ActivationService,
    private readonly rights: AdminRightsService,
    private readonly devices: DevicesService,
    private readonly transactions: Transactions,
  ) {}

  /**
   * Applies all changes or none. The registrations of a former username, and those of an account that is deactivated,
   * end if the SIP proxy can be reached.
   *
   * @throws AccountNotFound, UsernameTaken, PhoneTaken, LastAdministrator, ValidationFailed, and what the condition
   *   throws.
   */
  async apply(id: number, edit: AccountEdit, condition: AccountCondition): Promise<Account> {
    const { before, after } = await this.transactions.run(async (manager) => {
      if (edit.admin === false) await this.rights.lockAdministrators(manager);
      const account = await this.accounts.lock(id, manager);
      condition(account);
      refuseUnfit(account, edit);
      await this.applyWithin(manager, account, edit);
      return { before: account, after: await this.accounts.reread(id, manager) };
    }, 'READ COMMITTED');
    const isRenamed = before.username !== after.username;
    if (isRenamed || (before.activated && !after.activated)) await this.devices.removeAll(before);
    return after;
  }

  private async applyWithin(manager: EntityManager, locked: Account, edit: AccountEdit): Promise<void> {
    const { username = locked.username, password, algorithm, email, phone, activated, admin } = edit;
    const account = username === locked.username ? locked : await this.profiles.rename(manager, locked, username);
    if (password !== undefined) await this.passwords.set(manager, account, { password, algorithm });
    if (email !== undefined && email !== account.email) await this.emails.set(manager, account, email);
    if (phone !== undefined && phone !== account.phone) await this.phones.set(manager, account, phone);
    const dictionary = edit.dictionary?.(account.dictionary);
    if (dictionary) refuseTooLong(dictionary);
    const { displayName, dtmfProtocol } = edit;
    await this.profiles.change(manager, account, { displayName, dtmfProtocol, dictionary });
    if (activated !== undefined && activated !== account.activated)
      await this.activation.turnWithin(manager, account, activated);
    if (admin === true) await this.rights.grantWithin(manager, account);
    if (admin === false) await this.rights.revokeWithin(manager, account);
  }
}

/** @throws ValidationFailed for another domain, and for a new username without a password. */
function refuseUnfit({ username, domain }: Account, edit: AccountEdit): void {
  if (edit.domain !== undefined && edit.domain !== domain)
    throw new ValidationFailed({ domain: ['domain of an account cannot be changed'] });
  if (edit.username !== undefined && edit.username !== username && edit.password === undefined)
    throw new ValidationFailed({ password: ['password is required with a new username'] });
}

/** @throws ValidationFailed for a dictionary that a merge patch has made too long. */
function refuseTooLong(dictionary: Dictionary): void {
  if ([...(formatDictionary(dictionary) ?? '')].length > DICTIONARY_LENGTH)
    throw new ValidationFailed({
      dictionary: [`dictionary must have at most ${DICTIONARY_LENGTH} characters as JSON`],
    });
}
