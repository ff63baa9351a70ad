import { chmodSync, statSync } from 'node:fs';

/** Takes every right from the group and from other users. */
const PRIVATE_UMASK = 0o077;

let inheritedUmask = PRIVATE_UMASK;

/**
 * Makes all files and folders that this process creates private to its user, whatever umask it was started under. Programs call this
 * first: files that a library creates (the database with its side files, the folder around it) are private as well.
 */
export function keepNewFilesPrivate(): void {
  inheritedUmask = process.umask(PRIVATE_UMASK);
}

/** Creates files under the umask that the process was started with: for files that hold no secret and that other users may need. */
export function withInheritedUmask<T>(create: () => T): T {
  process.umask(inheritedUmask);
  try {
    return create();
  } finally {
    process.umask(PRIVATE_UMASK);
  }
}

/** Whether users other than the owner have rights on a file. False if the file does not exist or cannot be looked at. */
export function isOpenToOthers(file: string): boolean {
  try {
    return (statSync(file).mode & PRIVATE_UMASK) !== 0;
  } catch {
    return false;
  }
}

/**
 * Takes the rights on a file from the group and from other users. Only the owner of a file does so; the rights on a file of another
 * user are a decision of that user.
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
