import { Global, Module } from '@nestjs/common';
import { APP_FILTER, APP_INTERCEPTOR, APP_PIPE } from '@nestjs/core';
import { Clock } from './clock.js';
import { ErrorFilter } from './errors/error.filter.js';
import { JsonBodyInterceptor } from './http/json-body.js';
import { ValidationPipe } from './validation/validation.pipe.js';

/** What every route passes on its way in and out, and the clock. */
@Global()
@Module({
  providers: [
    Clock,
    { provide: APP_INTERCEPTOR, useClass: JsonBodyInterceptor },
    { provide: APP_PIPE, useClass: ValidationPipe },
    { provide: APP_FILTER, useClass: ErrorFilter },
  ],
  exports: [Clock],
})
export class CommonModule {}
