import { UniqueAddition } from './unique-addition.js';

/** One password per account and algorithm. */
export class UniquePasswordAlgorithms1767225602000 extends UniqueAddition {
  readonly name = 'UniquePasswordAlgorithms1767225602000';
  protected readonly table = 'passwords';
  protected readonly columns = ['account_id', 'algorithm'];
  protected readonly index = 'passwords_account_id_algorithm_unique';
  protected readonly names = "GROUP_CONCAT(CONCAT(t.algorithm, ' of sip:', a.username, '@', a.domain))";
  protected override readonly join = 'JOIN accounts a ON a.id = t.account_id';
}
