import { existsSync, realpathSync } from 'node:fs';
import { Logger } from '@nestjs/common';
import { isOpenToOthers, makePrivate } from '../common/private-files.js';
import { keyFileOf } from '../config/load-settings.js';

/** What SQLite adds to the name of a database (https://www.sqlite.org/tempfiles.html). */
const SIDE_FILES = ['-wal', '-shm', '-journal'];

/** The files of an embedded database that hold secrets and on which other users have rights. */
export function databaseFilesOpenToOthers(file: string): string[] {
  // SQLite puts the side files beside the file that a symbolic link leads to.
  const actual = existsSync(file) ? realpathSync(file) : file;
  return [actual, ...SIDE_FILES.map((suffix) => actual + suffix), keyFileOf(file)].filter(isOpenToOthers);
}

/**
 * Makes an existing embedded database private: earlier versions, copies and restored backups leave its files readable by others.
 * SQLite gives new side files the mode of the database.
 */
export function makeDatabasePrivate(file: string): void {
  const logger = new Logger('Database');
  for (const name of databaseFilesOpenToOthers(file)) {
    if (makePrivate(name)) logger.warn(`${name} was open to other users. Its mode is 600 now.`);
    else logger.warn(`${name} is open to other users and holds secrets. This user cannot change that: chmod 600 ${name}`);
  }
}
