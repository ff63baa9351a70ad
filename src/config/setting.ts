import type { z } from 'zod';

/** A variable and one of its values, such as `DB_DRIVER=mysql`. */
export type Choice = `${string}=${string}`;

/** When a setting has no effect beside others. It is refused then: the operator expects an effect. */
export interface NoEffect {
  /** Beside this choice. */
  readonly with?: Choice;
  /** Without this choice; without a variable, or all of several, whatever its value. */
  readonly without?: string | readonly string[];
  /** The rule holds only beside these choices. */
  readonly where?: readonly Choice[];
}

/**
 * The declaration of one variable. The checks at start, the members of `Settings`, `.env.example` and `docs/settings.md`
 * are made of it. Texts are for operators, with values in backticks.
 */
export interface Setting {
  /** Reads the text of the variable, and has its default. A message never repeats a value: some values are secrets. */
  readonly schema: z.ZodType;
  /** What the setting does. */
  readonly text: string;
  /** The default in words, where it is more than a value. */
  readonly otherwise?: string;
  /** What `.env.example` shows in place of the default. */
  readonly example?: string;
  /** The value may also be given as `NAME_FILE`, a file that only the service may read. */
  readonly secret?: true;
  /** The value is best given as `NAME_FILE`, and this is the path that `.env.example` shows. */
  readonly file?: string;
  /** The value may have several lines. */
  readonly severalLines?: true;
  /** The member of `Settings` that has the value; null where there is none. */
  readonly fills?: string;
  /** The driver that the setting belongs to; other drivers ignore it. */
  readonly with?: Choice;
  /** The setting says which driver is meant: it is refused where none is chosen. */
  readonly demandsChoice?: true;
  /** The choice that cannot do without the setting, with its own message where "is required with …" is too little. */
  readonly required?: Choice | { readonly with: Choice; readonly message: string };
  readonly noEffect?: readonly NoEffect[];
}

/** Settings that are read together. */
export interface SettingGroup {
  readonly title: string;
  readonly introduction?: string;
  readonly settings: Readonly<Record<string, Setting>>;
}

/** The values of the settings of a group. */
export type ValuesOf<Settings extends SettingGroup['settings']> = {
  readonly [Name in keyof Settings]: z.output<Settings[Name]['schema']>;
};

/** Whether a variable was set at all. One that is set and wrong has no value. */
export type IsGiven = (name: string) => boolean;

/** A value that the declaration requires, and the check has made sure of. */
export function required<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('a required setting was not checked');
  return value;
}
