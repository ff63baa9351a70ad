import { Answers } from './answers.js';
import { Authentication } from './authentication.js';
import { Database } from './database.js';
import type { FloorSettings } from './settings.js';

/** The objects that the routes share. */
export interface Floor {
  readonly settings: FloorSettings;
  readonly database: Database;
  readonly answers: Answers;
  readonly authentication: Authentication;
}

export function createFloor(settings: FloorSettings): Floor {
  const database = new Database(settings);
  const answers = new Answers(settings.publicUrl);
  return { settings, database, answers, authentication: new Authentication(settings, database, answers) };
}
