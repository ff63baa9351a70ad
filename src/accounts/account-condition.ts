import type { Account } from '../database/entities/account.entity.js';

/** Looks at the current account, which is locked, before a change. Throws if the change may not be made. */
export type AccountCondition = (account: Account) => void;

/** Accepts an account in any state. */
export const inAnyState: AccountCondition = () => undefined;
