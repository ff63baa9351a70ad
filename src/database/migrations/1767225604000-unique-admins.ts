import { UniqueAddition } from './unique-addition.js';

/** At most one row that makes an account an administrator. */
export class UniqueAdmins1767225604000 extends UniqueAddition {
  readonly name = 'UniqueAdmins1767225604000';
  protected readonly table = 'admins';
  protected readonly columns = ['account_id'];
  protected readonly index = 'admins_account_id_unique';
  protected readonly names = "GROUP_CONCAT(CONCAT('sip:', a.username, '@', a.domain))";
  protected override readonly join = 'JOIN accounts a ON a.id = t.account_id';
}
