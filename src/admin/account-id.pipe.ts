import { Injectable, type PipeTransform } from '@nestjs/common';
import { AccountNotFound } from '../directory/account-not-found.js';

/** The form of an account id in a path (protocol §6). */
export const ACCOUNT_ID = /^[1-9][0-9]{0,9}$/;

/** Reads `{id}` of a path. A text that is not an id names no account, so the answer is 404. */
@Injectable()
export class AccountIdPipe implements PipeTransform<string, number> {
  transform(text: string): number {
    if (!ACCOUNT_ID.test(text)) throw new AccountNotFound();
    return Number(text);
  }
}
