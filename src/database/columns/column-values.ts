import { Column, type ValueTransformer } from 'typeorm';

/**
 * Reads a column that says yes or no. What it is made of differs between installations: tinyint, int, bit, or the varchar(1) of
 * 2020, whose '0' is a text like any other in JavaScript.
 *
 * @returns true for the number 1 alone, as in `activated = true`, by which Flexisip asks.
 */
export function toFlag(value: unknown): boolean {
  // A column of bits comes as bytes.
  const number = Buffer.isBuffer(value) ? value.at(-1) : value;
  return number !== null && number !== '' && Number(number) === 1;
}

/** Reads an id, which a driver gives as a text where its column is wider than a number of JavaScript. */
export function toId(value: number | string): number {
  return Number(value);
}

const transformer: ValueTransformer = {
  to: (flag: unknown) => (typeof flag === 'boolean' ? Number(flag) : flag),
  from: toFlag,
};

/** A column of an entity that says yes or no, whatever its type in the table; see {@link toFlag}. */
export const Flag = () => Column({ type: 'tinyint', transformer });
