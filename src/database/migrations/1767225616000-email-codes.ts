import { AddedColumns, number, shortText } from './added-columns.js';

/**
 * Adds the code that a confirmation mail holds besides its link (contract-2x §4), the number of wrong guesses at it, and
 * the random text from which the secret of the link is derived, so that the same link can be sent again.
 */
export class EmailCodes1767225616000 extends AddedColumns {
  readonly name = 'EmailCodes1767225616000';
  protected readonly table = 'email_changed';
  protected readonly columns = { code: shortText(16), failures: number, salt: shortText(64) };
}
