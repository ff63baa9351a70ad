import { Controller, Get, Header } from '@nestjs/common';
import { ApiOkResponse } from '@nestjs/swagger';
import { ApiBareRoute } from '../auth/decorators/api-route.decorator.js';
import { Public } from '../auth/decorators/access.decorators.js';
import { WithoutDatabase } from '../http/database-ready.guard.js';

/** Whether the service is there. */
@Public()
@WithoutDatabase()
@Controller('ping')
export class PingController {
  /** Answers `pong`, needing nothing but the process itself. */
  @Get()
  @Header('content-type', 'text/plain')
  @ApiOkResponse({
    description: 'The service is there.',
    content: { 'text/plain': { schema: { type: 'string', const: 'pong' } as never } },
  })
  @ApiBareRoute()
  ping(): string {
    return 'pong';
  }
}
