import { AddedColumns, number } from './added-columns.js';

/** Adds the number of wrong guesses at a code that was sent by SMS. A code has three tries (contract §5). */
export class PhoneCodeTries1767225615000 extends AddedColumns {
  readonly name = 'PhoneCodeTries1767225615000';
  protected readonly table = 'phone_change_codes';
  protected readonly columns = { failures: number };
}
