import { UniqueAddition } from './unique-addition.js';

/** One account per alias. */
export class UniqueAliases1767225603000 extends UniqueAddition {
  readonly name = 'UniqueAliases1767225603000';
  protected readonly table = 'aliases';
  protected readonly columns = ['alias', 'domain'];
  protected readonly index = 'aliases_alias_domain_unique';
  protected readonly names = "GROUP_CONCAT(CONCAT('sip:', t.alias, '@', t.domain, ' of sip:', a.username, '@', a.domain))";
  protected override readonly join = 'JOIN accounts a ON a.id = t.account_id';
}
