import { chmodSync, statSync } from 'node:fs';

/** Removes all rights of the group and of other users. */
const PRIVATE_UMASK = 0o077;

let inheritedUmask = PRIVATE_UMASK;

/**
 * Makes all files and folders that this process creates private to its user, whatever umask it inherits. Programs call
 * this first, so that files created by a library are private as well (the database with its side files, the folder
 * around it).
 */
export function keepNewFilesPrivate(): void {
  inheritedUmask = process.umask(PRIVATE_UMASK);
}

/**
 * Creates files under the umask that the process inherited. For files that hold no secret and that other users may
 * need.
 */
export function withInheritedUmask<T>(create: () => T): T {
  process.umask(inheritedUmask);
  try {
    return create();
  } finally {
    process.umask(PRIVATE_UMASK);
  }
}

/** Whether users other than the owner have rights on a file. False if the file does not exist or cannot be read. */
export function isOpenToOthers(file: string): boolean {
  try {
    return (statSync(file).mode & PRIVATE_UMASK) !== 0;
  } catch {
    return false;
  }
}

/**
 * Removes the rights of the group and of other users on a file. Changes only files of this user: other users decide
 * about the rights on their own files.
 *
 * @returns whether the file is private now.
 */
export function makePrivate(file: string): boolean {
  try {
    const { uid, mode } = statSync(file);
    if (uid !== process.geteuid?.()) return false;
    chmodSync(file, mode & 0o700);
  } catch {
    return false;
  }
  // Some file systems accept the change and ignore it.
  return !isOpenToOthers(file);
}
