import { applyDecorators, type CanActivate, type ExecutionContext, Injectable, SetMetadata } from '@nestjs/common';
import { DatabaseNotAnswering } from './errors/error.filter.js';
import { routeMetadata } from './route-metadata.js';
import { DatabaseStart } from '../database/database-start.js';

const WITHOUT_DATABASE = 'database:not-needed';

/** Marks what answers without the database, also before that has been reached for the first time. */
export const WithoutDatabase = () => applyDecorators(SetMetadata(WITHOUT_DATABASE, true));

/** Stands before all other guards while the database is waited for at start: nothing asks for what is not open yet. */
@Injectable()
export class DatabaseReadyGuard implements CanActivate {
  constructor(private readonly database: DatabaseStart) {}

  canActivate(context: ExecutionContext): boolean {
    if (this.database.isReady || routeMetadata<true>(WITHOUT_DATABASE, context)) return true;
    throw new DatabaseNotAnswering();
  }
}
