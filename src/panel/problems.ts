import type { AppError } from '../common/errors/app-error.js';
import type { Texts } from './texts/index.js';

/** Why an action failed, in the language of the reader. */
export interface Problems {
  /** The problem that concerns no field; null if all problems concern fields. */
  readonly general: string | null;
  /** Problems by the name of the field. */
  readonly fields: Readonly<Record<string, string>>;
}

export const NO_PROBLEMS: Problems = { general: null, fields: {} };

/** Translates an error of the API for a person. A text that the language lacks is taken from the API. */
export function problemsOf(error: AppError, { errors, invalid }: Texts): Problems {
  const message = errors[error.code] ?? error.message;
  if (!error.errors) return { general: message, fields: {} };
  const isShape = error.code === 'validation_failed';
  const fields = Object.keys(error.errors).map((name) => [
    name,
    isShape ? (invalid[name] ?? invalid.other ?? message) : message,
  ]);
  return { general: null, fields: Object.fromEntries(fields) };
}
