import type { AppError } from '../common/errors/app-error.js';
import type { Texts } from './texts/index.js';

/** Why something did not work, in the words of the reader. */
export interface Problems {
  /** What concerns no field; null if all does. */
  readonly general: string | null;
  /** By the name of the field. */
  readonly fields: Readonly<Record<string, string>>;
}

export const NO_PROBLEMS: Problems = { general: null, fields: {} };

/** Tells an error of the API to a person; what a language has no words for is told as the API does. */
export function problemsOf(error: AppError, { errors, invalid }: Texts): Problems {
  const message = errors[error.code] ?? error.message;
  if (!error.errors) return { general: message, fields: {} };
  const isShape = error.code === 'validation_failed';
  const fields = Object.keys(error.errors).map((name) => [name, isShape ? (invalid[name] ?? invalid.other ?? message) : message]);
  return { general: null, fields: Object.fromEntries(fields) };
}
