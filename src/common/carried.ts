import { AsyncLocalStorage } from 'node:async_hooks';

/**
 * The one storage of all that is carried. Below Node 24 each storage of Node's is a copy more for every promise of the
 * process, whether it is used there or not: three of them cost a call noticeably more than one (docs/performance.md).
 */
const storage = new AsyncLocalStorage<readonly unknown[]>();
let kinds = 0;

/** Something that goes with work: everything the work leads to finds it, and nothing else does. */
export class Carried<T> {
  private readonly place = kinds++;

  /** What this code has been given. */
  get current(): T | undefined {
    return storage.getStore()?.[this.place] as T | undefined;
  }

  /** Does work that carries a value, in place of one it may have been given, beside what else it has. */
  by<R>(value: T, work: () => R): R {
    const all = storage.getStore()?.slice() ?? [];
    all[this.place] = value;
    return storage.run(all, work);
  }
}
