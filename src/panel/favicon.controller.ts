import { Controller, Get, Header } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { Access } from '../auth/decorators/access.decorator.js';
import { FAVICON } from '../http/favicon.js';

/** The icon of the service, at the path that pages name and at the path that browsers request by default. */
@Access('anybody', { needsDatabase: false })
@ApiExcludeController()
@Controller()
export class FaviconController {
  @Get(['account/favicon.svg', 'favicon.ico'])
  @Header('content-type', 'image/svg+xml')
  @Header('cache-control', 'public, max-age=86400')
  icon(): Buffer {
    return FAVICON;
  }
}
