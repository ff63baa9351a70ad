import { AddedColumns, anyLongText, anyText, flag, moment, shortText } from './added-columns.js';

/**
 * Adds the members of an account that the apps of 2022 and later know (contract-2x §6), and the states that decide
 * whether an account may activate itself. `blocked`, `display_name`, `dtmf_protocol` and `updated_at` have the names and
 * meanings of later versions of the original.
 */
export class AccountMembers1767225613000 extends AddedColumns {
  readonly name = 'AccountMembers1767225613000';
  protected readonly table = 'accounts';
  protected readonly columns = {
    display_name: anyText(255),
    dtmf_protocol: shortText(16),
    dictionary: anyLongText,
    updated_at: moment,
    blocked: flag,
    activated_before_block: flag,
    never_activated: flag,
    has_creation_token: flag,
  };
}
