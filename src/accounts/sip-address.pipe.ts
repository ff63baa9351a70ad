import { Injectable, type PipeTransform } from '@nestjs/common';
import { AccountNotFound } from '../directory/account-not-found.js';
import { parseSipPath, type SipAddress } from '../common/sip/sip-address.js';

/** Reads `{sip}` of a path. A text that is not a SIP address names no account, so the answer is 404. */
@Injectable()
export class SipAddressPipe implements PipeTransform<string, SipAddress> {
  transform(text: string): SipAddress {
    const address = parseSipPath(text);
    if (!address) throw new AccountNotFound();
    return address;
  }
}
