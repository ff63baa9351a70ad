import { AsyncLocalStorage } from 'node:async_hooks';

/**
 * All values share one storage. Below Node 24, each AsyncLocalStorage adds a copy to every promise of the process:
 * three of them make a call noticeably slower than one (docs/performance.md).
 */
const storage = new AsyncLocalStorage<readonly unknown[]>();
let kinds = 0;

/**
 * A value of the current asynchronous context. All code that the work calls, directly or later, can read it; other code
 * cannot.
 */
export class ContextValue<T> {
  private readonly place = kinds++;

  /** The value of the current context, or undefined. */
  get current(): T | undefined {
    return storage.getStore()?.[this.place] as T | undefined;
  }

  /** Runs work with a value. It replaces the current value of this object; other context values stay. */
  by<R>(value: T, work: () => R): R {
    const all = storage.getStore()?.slice() ?? [];
    all[this.place] = value;
    return storage.run(all, work);
  }
}
