import { Controller, Get, HttpStatus, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { Access } from '../auth/decorators/access.decorator.js';
import { ReadinessService } from './readiness.service.js';

interface Health {
  readonly status: 'ok' | 'unavailable';
}

/**
 * For process managers, monitoring and load balancers. These routes are not part of the API and not reachable through
 * the public URL.
 */
@Access('anybody', { needsDatabase: false })
@ApiExcludeController()
@Controller('health')
export class HealthController {
  constructor(private readonly readiness: ReadinessService) {}

  /** The process answers, so it need not be started again. */
  @Get('live')
  live(): Health {
    return { status: 'ok' };
  }

  /** The process accepts calls. 503 while the database cannot be used or lacks migrations. */
  @Get('ready')
  async ready(@Res({ passthrough: true }) reply: FastifyReply): Promise<Health> {
    if (await this.readiness.isReady()) return { status: 'ok' };
    reply.status(HttpStatus.SERVICE_UNAVAILABLE);
    return { status: 'unavailable' };
  }
}
