/** Not exported: {@link constantStatement} is the only way to make one. */
class Constant {
  /** Exists only for the compiler: no other object with a `text` is assignable to a constant statement. */
  declare protected readonly brand: never;

  constructor(readonly text: string) {}
}

/**
 * A statement whose text is fixed when the code is compiled. `text` is SQL with `?` for each parameter.
 *
 * Only such a statement is prepared. The server keeps one prepared statement for each text and connection until the
 * connection ends. Beyond `max_prepared_stmt_count` it refuses further ones to all its users. Texts that vary would
 * reach that number.
 */
export type ConstantStatement = Constant;

/**
 * `Text` where it is a literal or a union of literals; `never` for `string`, and for a template that holds a `string`
 * or a `number`. A record with such an open key needs no member, so `{}` is assignable to it.
 */
type Literal<Text extends string> = {} extends Record<Text, unknown> ? never : Text;

/**
 * Declares a statement that may be prepared. A text that is put together at run time does not compile:
 *
 *     constantStatement(`DELETE FROM nonces WHERE id IN (${places})`); // not assignable to never
 */
export function constantStatement<const Text extends string>(text: Text & Literal<Text>): ConstantStatement {
  return new Constant(text);
}
