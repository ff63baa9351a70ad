import { Column, type ValueTransformer } from 'typeorm';

/**
 * Numbers with two digits. Dates are formatted and parsed by hand: `Date` is slower, and a page of accounts has forty
 * dates.
 */
const TWO_DIGITS = Array.from({ length: 100 }, (_, number) => String(number).padStart(2, '0'));

const ZERO = '0'.charCodeAt(0);

const FORM = /^\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}(\.\d+)?$/;

/** Formats a date as `YYYY-MM-DD HH:MM:SS` in UTC, the format of the API (protocol §1) and of both databases. */
export function formatDateTime(date: Date): string {
  const year = String(date.getUTCFullYear()).padStart(4, '0');
  const day = `${year}-${TWO_DIGITS[date.getUTCMonth() + 1]}-${TWO_DIGITS[date.getUTCDate()]}`;
  return `${day} ${TWO_DIGITS[date.getUTCHours()]}:${TWO_DIGITS[date.getUTCMinutes()]}:${TWO_DIGITS[date.getUTCSeconds()]}`;
}

/** Formats a date in ISO 8601, in UTC and whole seconds, like `2026-11-30T08:00:00Z`. */
export function formatIsoDateTime(date: Date): string {
  return `${date.toISOString().slice(0, 19)}Z`;
}

/** Parses `YYYY-MM-DD HH:MM:SS` (UTC). Returns null for an invalid date such as MySQL's `0000-00-00 00:00:00`. */
export function parseDateTime(text: string | null): Date | null {
  if (text === null || !FORM.test(text)) return null;
  const at = (place: number) => (text.charCodeAt(place) - ZERO) * 10 + text.charCodeAt(place + 1) - ZERO;
  const year = at(0) * 100 + at(2);
  const month = at(5) - 1;
  const day = at(8);
  const hours = at(11);
  const minutes = at(14);
  const seconds = at(17);
  const date = new Date(Date.UTC(year, month, day, hours, minutes, seconds));
  // `Date` turns 2021-02-30 into 2 March, 24:00 into the next day and the year 21 into 1921. These dates do not exist.
  const isThatDay = date.getUTCFullYear() === year && date.getUTCMonth() === month && date.getUTCDate() === day;
  return isThatDay && hours < 24 && minutes < 60 && seconds < 60 ? date : null;
}

const transformer: ValueTransformer = {
  to: (date: Date | null | undefined) => (date instanceof Date ? formatDateTime(date) : date),
  from: (text: string | null) => parseDateTime(text),
};

/**
 * A date column of an entity, in whole seconds of UTC.
 *
 * TypeORM declares the column as text and transfers it as text. So neither the time zone of the session or the host,
 * nor MySQL's rounding of fractions, can change it, and SQLite compares it as MySQL does.
 */
export const UtcDateTime = (options: { name?: string; nullable?: boolean } = {}) =>
  Column({ ...options, type: 'varchar', transformer });
