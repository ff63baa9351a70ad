import { Controller, Get, Header } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { Access } from '../auth/decorators/access.decorator.js';
import { STYLE } from './style.js';

/** The style sheet of the pages. */
@Access('anybody', { needsDatabase: false })
@ApiExcludeController()
@Controller('account')
export class StyleController {
  /** Pages append its version to the path, so browsers may cache it. */
  @Get('style.css')
  @Header('content-type', 'text/css; charset=utf-8')
  @Header('cache-control', 'public, max-age=31536000, immutable')
  style(): Buffer {
    return STYLE;
  }
}
