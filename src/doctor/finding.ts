export type Level = 'ok' | 'warning' | 'error';

/** What a look at one thing found: one line, without any secret. */
export interface Verdict {
  readonly level: Level;
  /** What it is. */
  readonly message: string;
  /** What to do about it. */
  readonly advice?: string;
}

/** A verdict, and what was looked at. */
export interface Finding extends Verdict {
  readonly check: string;
}

/** Checks one thing, and changes nothing that lasts. It stops when the signal is aborted. */
export interface Check {
  readonly name: string;
  /** @throws whatever keeps it from finding out: that is an error too. */
  run(signal: AbortSignal): Promise<readonly Verdict[]> | readonly Verdict[];
}

export const ok = (message: string): Verdict => ({ level: 'ok', message });
export const warning = (message: string, advice?: string): Verdict => ({ level: 'warning', message, advice });
export const error = (message: string, advice?: string): Verdict => ({ level: 'error', message, advice });

/** The gravest of all. */
export function gravest(verdicts: readonly Verdict[]): Level {
  const levels = new Set(verdicts.map(({ level }) => level));
  return levels.has('error') ? 'error' : levels.has('warning') ? 'warning' : 'ok';
}
