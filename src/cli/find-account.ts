import type { INestApplicationContext } from '@nestjs/common';
import { AccountLookup } from '../directory/account-lookup.service.js';
import type { Account } from '../database/entities/account.entity.js';
import { parseTypedSip, type SipAddress } from '../common/sip/sip-address.js';
import { Settings } from '../config/settings.js';
import { printable } from '../logging/printable.js';
import { CommandRefused } from './command-refused.js';

/** What commands say of an account that they ask for. */
export const ACCOUNT_ARGUMENT = 'id (a whole number), SIP address, or username of the default domain';

/**
 * Reads a SIP address from the command line, with `sip:` in front or without.
 *
 * @param defaultDomain of a username that stands alone.
 * @throws CommandRefused if it is none.
 */
export function sipAddressOf(word: string, defaultDomain?: string): SipAddress {
  const address = parseTypedSip(word, defaultDomain);
  if (!address) throw new CommandRefused(`"${printable(word)}" is no SIP address like sip:alice@sip.example.org.`);
  return address;
}

/**
 * Finds the account that somebody means on the command line: a whole number is an id, anything else a SIP address or a username of the
 * default domain.
 *
 * @throws CommandRefused if there is none.
 */
export async function findAccount(app: INestApplicationContext, word: string): Promise<Account> {
  const lookup = app.get(AccountLookup);
  const account = /^[1-9]\d{0,9}$/.test(word)
    ? await lookup.byId(Number(word))
    : await lookup.bySip(sipAddressOf(word, app.get(Settings).sipDomains[0]));
  if (!account) throw new CommandRefused(`There is no account ${printable(word)}.`);
  return account;
}
