import { ERROR_GROUPS, type ErrorGroup } from './error-classes.js';

/** By number, by code, and by the name that MySQL's own errors have beside their number. */
const GROUPS: ReadonlyMap<string, ErrorGroup> = new Map(
  ERROR_GROUPS.flatMap((group) =>
    Object.entries(group.codes).flatMap(([code, meaning]) => {
      const [name] = /^E[ER]_\w+/.exec(meaning) ?? [];
      return [code, ...(name === undefined ? [] : [name])].map((key) => [key, group] as const);
    }),
  ),
);

/**
 * What is known of a code, or undefined where nothing is.
 *
 * @param code of a driver or the system: `ECONNREFUSED`. SQLite's extended codes count as the code that they extend
 *   (`SQLITE_IOERR_WRITE` as `SQLITE_IOERR`) unless they are listed themselves.
 * @param errno of a MySQL server. It comes first: names depend on the version of the driver.
 */
export function groupOfCode(code: string | undefined, errno: number | undefined): ErrorGroup | undefined {
  const [basic] = /^SQLITE_[A-Z]+/.exec(code ?? '') ?? [];
  return GROUPS.get(String(errno)) ?? GROUPS.get(code ?? '') ?? GROUPS.get(basic ?? '');
}
