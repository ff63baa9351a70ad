/** @param path relative to the repository. */
export function isSlow(path: string): boolean;

/** @param path relative to the repository. */
export function runsOnMysql(path: string): boolean;
