import { ERROR_GROUPS, type ErrorGroup } from './error-classes.js';

/** Groups by number, by code, and by the name that follows the number of a MySQL error. */
const GROUPS: ReadonlyMap<string, ErrorGroup> = new Map(
  ERROR_GROUPS.flatMap((group) =>
    Object.entries(group.codes).flatMap(([code, meaning]) => {
      const [name] = /^E[ER]_\w+/.exec(meaning) ?? [];
      return [code, ...(name === undefined ? [] : [name])].map((key) => [key, group] as const);
    }),
  ),
);

/**
 * The group of a code; undefined for an unknown one.
 *
 * @param code of a driver or the system: `ECONNREFUSED`. An extended code of SQLite counts as its primary code
 *   (`SQLITE_IOERR_WRITE` as `SQLITE_IOERR`) unless it is listed itself.
 * @param errno of a MySQL server. It takes precedence, because names depend on the version of the driver.
 */
export function groupOfCode(code: string | undefined, errno: number | undefined): ErrorGroup | undefined {
  const [basic] = /^SQLITE_[A-Z]+/.exec(code ?? '') ?? [];
  return GROUPS.get(String(errno)) ?? GROUPS.get(code ?? '') ?? GROUPS.get(basic ?? '');
}
