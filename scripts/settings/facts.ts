import { z } from 'zod';
import { reasonOf } from '../../src/config/setting-rules.js';
import type { Choice, Setting } from '../../src/config/setting.js';

/** What an operator has to know of a setting beside its text. Values stand in backticks. */
export interface Facts {
  /** Which values it may have; null where the text tells, or any will do. */
  readonly values: string | null;
  /** The default as a value; null where there is none. */
  readonly byDefault: string | null;
  /** The default in words; null where there is none. */
  readonly defaultInWords: string | null;
  /** Whether it may be given as `NAME_FILE`. */
  readonly hasFile: boolean;
}

export function factsOf({ schema, text, otherwise, secret, file }: Setting): Facts {
  const byDefault = defaultOf(schema);
  const values = valuesOf(schema);
  return {
    values: describedIn(text, values) ? null : values,
    byDefault,
    defaultInWords: otherwise ?? (byDefault === null ? null : `\`${byDefault}\``),
    hasFile: secret === true || file !== undefined,
  };
}

/**
 * With which choice a setting counts, which one requires it, and beside what it has no effect: a sentence each.
 *
 * @param said a choice that a heading has named already.
 */
export function conditionsOf({ schema, with: driver, required, noEffect = [] }: Setting, said?: Choice): string[] {
  const requiring = typeof required === 'object' ? required.with : required;
  const verb = defaultOf(schema) === null ? 'Required' : 'Must be chosen';
  return [
    ...(driver === undefined || driver === said || driver === requiring ? [] : [`Only with ${driver}.`]),
    ...(requiring === undefined ? [] : [requiring === said ? `${verb}.` : `${verb} with ${requiring}.`]),
    ...noEffect.map((rule) => `No effect ${reasonOf(rule)}.`),
  ];
}

/** Whether a text names every value that there is. */
function describedIn(text: string, values: string | null): boolean {
  const words = values?.match(/`[^`]*`/g) ?? [];
  return words.length > 0 && words.every((word) => text.includes(word));
}

/** The default of a setting as it would be written; null where there is none, or an empty one. */
function defaultOf(schema: unknown): string | null {
  if (schema instanceof z.ZodPipe) return defaultOf(schema.def.in);
  if (!(schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault)) return null;
  return String(schema.def.defaultValue) || null;
}

/** What the kind of a variable says of its values. */
function valuesOf(schema: unknown): string | null {
  if (!(schema instanceof z.ZodType)) return null;
  const { description } = schema;
  if (description !== undefined) return description || null;
  if (schema instanceof z.ZodPipe) return valuesOf(schema.def.out) ?? valuesOf(schema.def.in);
  return schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault || schema instanceof z.ZodOptional
    ? valuesOf(schema.def.innerType)
    : null;
}
