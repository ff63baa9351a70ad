import { Column, type ValueTransformer } from 'typeorm';

/**
 * Reads a boolean column. Its type differs between installations: tinyint, int, bit, or the varchar(1) of 2020, whose
 * '0' is a non-empty string in JavaScript.
 *
 * @returns true only for the number 1. The condition of Flexisip is `activated = true`.
 */
export function toFlag(value: unknown): boolean {
  // The driver returns a bit column as bytes.
  const number = Buffer.isBuffer(value) ? value.at(-1) : value;
  return number !== null && number !== '' && Number(number) === 1;
}

/** Reads an id. A driver returns a string if the column is wider than a JavaScript number. */
export function toId(value: number | string): number {
  return Number(value);
}

const transformer: ValueTransformer = {
  to: (flag: unknown) => (typeof flag === 'boolean' ? Number(flag) : flag),
  from: toFlag,
};

/** A boolean column of an entity, whatever its type in the table. See {@link toFlag}. */
export const Flag = (options: { name?: string } = {}) => Column({ ...options, type: 'tinyint', transformer });
