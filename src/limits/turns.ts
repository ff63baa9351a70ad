import { answerAllowance } from '../common/time-allowance.js';
import { TooManyAttempts } from './limits.errors.js';

/** Milliseconds for which one waits for others. */
const PATIENCE = 5_000;

/** What is under way for one key. */
interface Turn {
  /** Those who are under way or on the point of it; without any, the turn is forgotten. */
  interested: number;
  running: number;
  /** How many have failed since somebody took interest: whoever has asked for room before must ask again. */
  failures: number;
  readonly waiting: Set<() => void>;
}

/**
 * Lets attempts begin while there is room for them, so that a failure that shows only at the end (a wrong password) cannot happen more
 * often than there is room for, however many begin at once. Callers queue while attempts are in flight; none is rejected because of them.
 * The wait is part of the time within which the request is answered.
 */
export class Turns {
  private readonly turns = new Map<string, Turn>();

  /**
   * @param keys what the work counts for.
   * @param roomFor how many works may be under way, by key. Asked again after every failure; what it throws refuses the work.
   * @param onFailure gets what the work threw, and has its effect on `roomFor` before others begin.
   * @throws TooManyAttempts after waiting for others in vain, and whatever the work and `roomFor` throw.
   */
  async run<T>(
    keys: readonly string[],
    roomFor: () => Promise<readonly number[]>,
    work: () => Promise<T>,
    onFailure: (error: unknown) => Promise<void>,
  ): Promise<T> {
    const turns = keys.map((key) => this.takeInterest(key));
    try {
      await enter(turns, roomFor);
      try {
        return await work();
      } catch (error) {
        await onFailure(error);
        for (const turn of turns) turn.failures += 1;
        throw error;
      } finally {
        for (const turn of turns) leave(turn);
      }
    } finally {
      for (const key of keys) this.loseInterest(key);
    }
  }

  private takeInterest(key: string): Turn {
    const turn = this.turns.get(key) ?? { interested: 0, running: 0, failures: 0, waiting: new Set() };
    turn.interested += 1;
    this.turns.set(key, turn);
    return turn;
  }

  private loseInterest(key: string): void {
    const turn = this.turns.get(key);
    if (!turn) return;
    turn.interested -= 1;
    if (turn.interested === 0) this.turns.delete(key);
  }
}

async function enter(turns: readonly Turn[], roomFor: () => Promise<readonly number[]>): Promise<void> {
  const deadline = Date.now() + PATIENCE;
  for (;;) {
    const before = failuresOf(turns);
    const rooms = await roomFor();
    if (failuresOf(turns) !== before) continue;
    const full = turns.find(({ running }, index) => running >= (rooms[index] ?? 0));
    if (!full) break;
    if (Date.now() >= deadline) throw new TooManyAttempts(1);
    await waitForOthers(full, deadline - Date.now());
  }
  for (const turn of turns) turn.running += 1;
}

function failuresOf(turns: readonly Turn[]): number {
  return turns.reduce((sum, { failures }) => sum + failures, 0);
}

async function waitForOthers(turn: Turn, most: number): Promise<void> {
  const allowance = answerAllowance();
  allowance?.begin();
  try {
    await someoneLeaves(turn, most);
  } finally {
    allowance?.end();
  }
}

function someoneLeaves({ waiting }: Turn, most: number): Promise<void> {
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

function leave(turn: Turn): void {
  turn.running -= 1;
  for (const goOn of turn.waiting) goOn();
}
