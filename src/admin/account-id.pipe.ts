import { Injectable, type PipeTransform } from '@nestjs/common';
import { AccountNotFound } from '../accounts/accounts.errors.js';

/** Reads `{id}` of a path. What is no id names no account: 404. */
@Injectable()
export class AccountIdPipe implements PipeTransform<string, number> {
  transform(text: string): number {
    if (!/^[1-9][0-9]{0,9}$/.test(text)) throw new AccountNotFound();
    return Number(text);
  }
}
