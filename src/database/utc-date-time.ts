import { Column, type ValueTransformer } from 'typeorm';

/** Renders a moment as `YYYY-MM-DD HH:MM:SS` in UTC: the form of the wire (contract §1) and of both databases. */
export function formatDateTime(date: Date): string {
  return date.toISOString().slice(0, 19).replace('T', ' ');
}

/** Reads `YYYY-MM-DD HH:MM:SS` (UTC), or null where it names no moment, like MySQL's `0000-00-00 00:00:00`. */
export function parseDateTime(text: string | null): Date | null {
  const match = text === null ? null : /^(\d{4}-\d{2}-(\d{2})) (\d{2}:\d{2}:\d{2})(\.\d+)?$/.exec(text);
  if (!match) return null;
  const date = new Date(`${match[1]}T${match[3]}Z`);
  // `new Date` takes 2021-02-30 for the second of March; the contract has no use for such a day. What is no moment has no day.
  return date.getUTCDate() === Number(match[2]) ? date : null;
}

const transformer: ValueTransformer = {
  to: (date: Date | null | undefined) => (date instanceof Date ? formatDateTime(date) : date),
  from: (text: string | null) => parseDateTime(text),
};

/**
 * A date column of an entity, in whole seconds of UTC.
 *
 * The column is declared as text to TypeORM and travels as text, so that neither the session's time zone nor the
 * host's, nor MySQL's rounding of fractions can shift it, and SQLite compares it as MySQL does.
 */
export const UtcDateTime = (options: { name?: string; nullable?: boolean } = {}) => Column({ ...options, type: 'varchar', transformer });
