import { UniqueAddition } from './unique-addition.js';

/** One account per SIP address. Flexisip rejects a name that has several rows. */
export class UniqueAccountNames1767225601000 extends UniqueAddition {
  readonly name = 'UniqueAccountNames1767225601000';
  protected readonly table = 'accounts';
  protected readonly columns = ['username', 'domain'];
  protected readonly index = 'accounts_username_domain_unique';
  protected readonly names = "GROUP_CONCAT(CONCAT('sip:', t.username, '@', t.domain))";
}
