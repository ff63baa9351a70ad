import { Controller, Get, Header } from '@nestjs/common';
import { ApiOkResponse } from '@nestjs/swagger';
import { Access } from '../auth/decorators/access.decorator.js';

/** Shows callers that the service answers. */
@Controller('api/ping')
export class PingController {
  /** Answers `pong`. Needs only the process itself. */
  @Get()
  @Header('content-type', 'text/plain')
  @ApiOkResponse({
    description: 'The service is running.',
    content: { 'text/plain': { schema: { type: 'string', const: 'pong' } as never } },
  })
  @Access('anybody', { needsDatabase: false })
  ping(): string {
    return 'pong';
  }
}
