import { existsSync, realpathSync } from 'node:fs';
import { Logger } from '@nestjs/common';
import { isOpenToOthers, makePrivate } from '../common/private-files.js';
import { keyFileOf } from '../config/load-settings.js';

/** Suffixes that SQLite appends to the name of a database (https://www.sqlite.org/tempfiles.html). */
const SIDE_FILES = ['-wal', '-shm', '-journal'];

/** Files of an embedded database that hold secrets and that other users can access. */
export function databaseFilesOpenToOthers(file: string): string[] {
  // SQLite creates the side files next to the target of a symbolic link.
  const actual = existsSync(file) ? realpathSync(file) : file;
  return [actual, ...SIDE_FILES.map((suffix) => actual + suffix), keyFileOf(file)].filter(isOpenToOthers);
}

/**
 * Makes the files of an existing embedded database private. Earlier versions, copies and restored backups leave them
 * readable by other users. SQLite gives new side files the mode of the database file.
 */
export function makeDatabasePrivate(file: string): void {
  const logger = new Logger('Database');
  for (const name of databaseFilesOpenToOthers(file)) {
    if (makePrivate(name)) logger.warn(`${name} was open to other users. Its mode is 600 now.`);
    else
      logger.warn(`${name} is open to other users and holds secrets. This user cannot change that: chmod 600 ${name}`);
  }
}
