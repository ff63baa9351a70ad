import { Controller, Get, Header } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { Access } from '../auth/decorators/access.decorator.js';
import { PROOF_OF_WORK_SCRIPTS } from '../captcha/captcha-scripts.js';

const AS_SCRIPT = 'text/javascript; charset=utf-8';
const FOREVER = 'public, max-age=31536000, immutable';

/** The scripts of forms that prove a person. Pages append their versions to the paths, so browsers may cache them. */
@Access('anybody', { needsDatabase: false })
@ApiExcludeController()
@Controller('account/captcha')
export class CaptchaScriptsController {
  @Get('proof-of-work.js')
  @Header('content-type', AS_SCRIPT)
  @Header('cache-control', FOREVER)
  page(): Buffer {
    return PROOF_OF_WORK_SCRIPTS.page.content;
  }

  /** A worker has the security policy of its own script. It compiles WebAssembly and loads nothing. */
  @Get('scrypt.js')
  @Header('content-type', AS_SCRIPT)
  @Header('cache-control', FOREVER)
  @Header('content-security-policy', "default-src 'none'; script-src 'wasm-unsafe-eval'")
  worker(): Buffer {
    return PROOF_OF_WORK_SCRIPTS.worker.content;
  }
}
