import type { z } from 'zod';

/** A variable and one of its values, such as `DB_DRIVER=mysql`. */
export type Choice = `${string}=${string}`;

/**
 * When a setting has no effect because of other settings. It is then rejected, because the operator expects an effect.
 * Settings of a driver that is not chosen are accepted.
 */
export interface NoEffect {
  /** The setting has no effect with this choice. */
  readonly with?: Choice;
  /**
   * The setting has no effect without this choice. A variable name matches any value; a list matches if all its
   * variables are missing.
   */
  readonly without?: string | readonly string[];
}

/**
 * The declaration of one variable. The checks at start, the members of `Settings`, `.env.example` and
 * `docs/settings.md` are generated from it. Texts are for operators, with values in backticks.
 */
export interface Setting {
  /** Parses the text of the variable and has its default. A message never repeats a value: some values are secrets. */
  readonly schema: z.ZodType;
  /** What the setting does. */
  readonly text: string;
  /** The default in words, if it is more than a value. */
  readonly otherwise?: string;
  /** The value that `.env.example` shows instead of the default. */
  readonly example?: string;
  /** The value may also be given as `NAME_FILE`, a file that only the service may read. */
  readonly secret?: true;
  /** The path in `.env.example`. The value is best given as `NAME_FILE`. */
  readonly file?: string;
  /** The value may have several lines. */
  readonly severalLines?: true;
  /** The member of `Settings` that has the value; null if there is none. */
  readonly fills?: string;
  /** The driver that the setting belongs to; other drivers ignore it. */
  readonly with?: Choice;
  /** The setting shows which driver is meant: it is rejected if no driver is chosen. */
  readonly demandsChoice?: true;
  /**
   * The choice that requires the setting. A message of its own replaces "is required with …" if that says too little.
   */
  readonly required?: Choice | { readonly with: Choice; readonly message: string };
  readonly noEffect?: readonly NoEffect[];
}

/**
 * Makes a driver required with DB_DRIVER=mysql: its default suits a trial alone.
 *
 * @param why the default does not suit a server.
 */
export const chosenWithMysql = (why: string) =>
  ({ with: 'DB_DRIVER=mysql', message: `must be chosen with DB_DRIVER=mysql (${why})` }) as const;

/** Settings that are declared together. */
export interface SettingGroup {
  readonly title: string;
  readonly introduction?: string;
  readonly settings: Readonly<Record<string, Setting>>;
}

/** The values of the settings of a group. */
export type ValuesOf<Settings extends SettingGroup['settings']> = {
  readonly [Name in keyof Settings]: z.output<Settings[Name]['schema']>;
};

/** Whether a variable is set at all. A variable that is set but invalid has no value. */
export type IsGiven = (name: string) => boolean;

/** Returns a value that the declaration requires. The checks at start have made sure that it is there. */
export function required<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('a required setting was not checked');
  return value;
}
