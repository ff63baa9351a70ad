import { AsyncLocalStorage } from 'node:async_hooks';

/**
 * One storage for all values. Below Node 24 each AsyncLocalStorage adds a copy to every promise of the process: three of them cost a call
 * noticeably more than one (docs/performance.md).
 */
const storage = new AsyncLocalStorage<readonly unknown[]>();
let kinds = 0;

/** A value of the current asynchronous context: all code that the work calls, directly or later, reads it, and no other code does. */
export class ContextValue<T> {
  private readonly place = kinds++;

  /** The value that the current code runs with. */
  get current(): T | undefined {
    return storage.getStore()?.[this.place] as T | undefined;
  }

  /** Runs work with a value. It replaces the current one; values of other kinds stay. */
  by<R>(value: T, work: () => R): R {
    const all = storage.getStore()?.slice() ?? [];
    all[this.place] = value;
    return storage.run(all, work);
  }
}
