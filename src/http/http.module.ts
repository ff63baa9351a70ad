import { Global, Module } from '@nestjs/common';
import { APP_FILTER, APP_GUARD, APP_PIPE } from '@nestjs/core';
import { DatabaseReadyGuard } from './database-ready.guard.js';
import { ErrorFaces } from './errors/error-face.js';
import { ErrorFilter } from './errors/error.filter.js';
import { ValidationPipe } from './validation/validation.pipe.js';

/**
 * What every route passes on its way in, and the only error filter on its way out. It must be imported before the
 * modules whose guards use the database.
 */
@Global()
@Module({
  providers: [
    ErrorFaces,
    { provide: APP_FILTER, useClass: ErrorFilter },
    { provide: APP_GUARD, useClass: DatabaseReadyGuard },
    { provide: APP_PIPE, useClass: ValidationPipe },
  ],
  exports: [ErrorFaces],
})
export class HttpModule {}
