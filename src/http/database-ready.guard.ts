import { applyDecorators, type CanActivate, type ExecutionContext, Injectable, SetMetadata } from '@nestjs/common';
import { DatabaseNotAnswering } from './errors/error.filter.js';
import { routeMetadata } from './route-metadata.js';
import { DatabaseStart } from '../database/database-start.js';

const WITHOUT_DATABASE = 'database:not-needed';

/** Marks routes that answer without the database, even before it is reached for the first time. */
export const WithoutDatabase = () => applyDecorators(SetMetadata(WITHOUT_DATABASE, true));

/**
 * Runs before all other guards. It refuses requests until the database is reached at start, so that no guard uses a
 * connection that is not open yet.
 */
@Injectable()
export class DatabaseReadyGuard implements CanActivate {
  constructor(private readonly database: DatabaseStart) {}

  canActivate(context: ExecutionContext): boolean {
    if (this.database.isReady || routeMetadata<true>(WITHOUT_DATABASE, context)) return true;
    throw new DatabaseNotAnswering();
  }
}
