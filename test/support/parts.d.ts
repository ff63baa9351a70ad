/** @param path relative to the repository. */
export function isSlow(path: string): boolean;
