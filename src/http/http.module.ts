import { Module } from '@nestjs/common';
import { APP_GUARD, APP_PIPE } from '@nestjs/core';
import { DatabaseReadyGuard } from './database-ready.guard.js';
import { ValidationPipe } from './validation/validation.pipe.js';

/** What every route passes on its way in. Imported before the modules whose guards ask the database. */
@Module({
  providers: [
    { provide: APP_GUARD, useClass: DatabaseReadyGuard },
    { provide: APP_PIPE, useClass: ValidationPipe },
  ],
})
export class HttpModule {}
