import { answerAllowance } from '../common/time-allowance.js';
import { TooManyAttempts } from './limits.errors.js';

/** Milliseconds that an attempt waits for others. */
const PATIENCE = 5_000;

/** The attempts that count for one key. */
interface KeyState {
  /** Attempts that run or wait. When it is 0 the state of the key is deleted. */
  interested: number;
  running: number;
  /**
   * Failures since the first of these attempts. An attempt that read the room before the last failure reads it again.
   */
  failures: number;
  readonly waiting: Set<() => void>;
}

/**
 * Lets attempts begin while there is room for them. A failure that shows only at the end (a wrong password) then cannot
 * happen more often than there is room for, however many attempts begin at once. Callers queue while attempts are in
 * flight; none is rejected because of them. The wait counts towards the time within which the request is answered.
 */
export class AttemptGate {
  private readonly states = new Map<string, KeyState>();

  /**
   * @param keys the keys that the attempt counts for.
   * @param roomFor returns how many attempts may run at once, one number per key. Called again after every failure. If
   * it throws, the attempt is rejected with that error.
   * @param onFailure gets the error of the work, and lowers `roomFor` before further attempts begin.
   * @throws TooManyAttempts after waiting 5 s for other attempts, and whatever the work and `roomFor` throw.
   */
  async run<T>(
    keys: readonly string[],
    roomFor: () => Promise<readonly number[]>,
    work: () => Promise<T>,
    onFailure: (error: unknown) => Promise<void>,
  ): Promise<T> {
    const states = keys.map((key) => this.takeInterest(key));
    try {
      await enter(states, roomFor);
      try {
        return await work();
      } catch (error) {
        await onFailure(error);
        for (const state of states) state.failures += 1;
        throw error;
      } finally {
        for (const state of states) leave(state);
      }
    } finally {
      for (const key of keys) this.loseInterest(key);
    }
  }

  private takeInterest(key: string): KeyState {
    const state = this.states.get(key) ?? { interested: 0, running: 0, failures: 0, waiting: new Set() };
    state.interested += 1;
    this.states.set(key, state);
    return state;
  }

  private loseInterest(key: string): void {
    const state = this.states.get(key);
    if (!state) return;
    state.interested -= 1;
    if (state.interested === 0) this.states.delete(key);
  }
}

async function enter(states: readonly KeyState[], roomFor: () => Promise<readonly number[]>): Promise<void> {
  const deadline = Date.now() + PATIENCE;
  for (;;) {
    const before = failuresOf(states);
    const rooms = await roomFor();
    if (failuresOf(states) !== before) continue;
    const full = states.find(({ running }, index) => running >= (rooms[index] ?? 0));
    if (!full) break;
    if (Date.now() >= deadline) throw new TooManyAttempts(1);
    await waitForOthers(full, deadline - Date.now());
  }
  for (const state of states) state.running += 1;
}

function failuresOf(states: readonly KeyState[]): number {
  return states.reduce((sum, { failures }) => sum + failures, 0);
}

async function waitForOthers(state: KeyState, most: number): Promise<void> {
  const allowance = answerAllowance();
  allowance?.begin();
  try {
    await someoneLeaves(state, most);
  } finally {
    allowance?.end();
  }
}

function someoneLeaves({ waiting }: KeyState, most: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(goOn, most);
    waiting.add(goOn);
    function goOn() {
      clearTimeout(timer);
      waiting.delete(goOn);
      resolve();
    }
  });
}

function leave(state: KeyState): void {
  state.running -= 1;
  for (const goOn of state.waiting) goOn();
}
