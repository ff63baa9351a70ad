export type Level = 'ok' | 'warning' | 'error';

/** The result of one check: one line, without any secret. */
export interface Verdict {
  readonly level: Level;
  /** The finding. */
  readonly message: string;
  /** What the operator can do about it. */
  readonly advice?: string;
}

/** A verdict with the name of its check. */
export interface Finding extends Verdict {
  readonly check: string;
}

/** Checks one subject and changes nothing permanently. It stops when the signal is aborted. */
export interface Check {
  readonly name: string;
  /** @throws any error that prevents the check; it is reported as an error finding. */
  run(signal: AbortSignal): Promise<readonly Verdict[]> | readonly Verdict[];
}

export const ok = (message: string): Verdict => ({ level: 'ok', message });
export const warning = (message: string, advice?: string): Verdict => ({ level: 'warning', message, advice });
export const error = (message: string, advice?: string): Verdict => ({ level: 'error', message, advice });

/** The most serious level of all. */
export function mostSevere(verdicts: readonly Verdict[]): Level {
  const levels = new Set(verdicts.map(({ level }) => level));
  return levels.has('error') ? 'error' : levels.has('warning') ? 'warning' : 'ok';
}
