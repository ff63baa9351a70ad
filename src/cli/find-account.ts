import type { INestApplicationContext } from '@nestjs/common';
import { AccountLookup } from '../directory/account-lookup.service.js';
import type { Account } from '../database/entities/account.entity.js';
import { parseTypedSip, type SipAddress } from '../common/sip/sip-address.js';
import { Settings } from '../config/settings.js';
import { printable } from '../logging/printable.js';
import { CommandRefused } from './command-refused.js';

/** Help text for an argument that names an account. */
export const ACCOUNT_ARGUMENT = 'id (a whole number), SIP address, or username of the default domain';

/**
 * Parses a SIP address from the command line, with or without `sip:`.
 *
 * @param defaultDomain the domain of a username without one.
 * @throws CommandRefused if it is not a SIP address.
 */
export function sipAddressOf(word: string, defaultDomain?: string): SipAddress {
  const address = parseTypedSip(word, defaultDomain);
  if (!address) throw new CommandRefused(`"${printable(word)}" is not a SIP address like sip:alice@sip.example.org.`);
  return address;
}

/**
 * Finds the account that a command-line argument names. A whole number is an id; anything else is a SIP address, or a
 * username of the default domain.
 *
 * @throws CommandRefused if there is no such account.
 */
export async function findAccount(app: INestApplicationContext, word: string): Promise<Account> {
  const lookup = app.get(AccountLookup);
  const account = /^[1-9]\d{0,9}$/.test(word)
    ? await lookup.byId(Number(word))
    : await lookup.bySip(sipAddressOf(word, app.get(Settings).sipDomains[0]));
  if (!account) throw new CommandRefused(`There is no account ${printable(word)}.`);
  return account;
}
