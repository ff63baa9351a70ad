import { Module } from '@nestjs/common';
import { Settings } from '../config/settings.js';
import { Captcha } from './captcha.js';
import { NoCaptcha } from './no-captcha.js';
import { ProofOfPerson } from './proof-of-person.service.js';

function createCaptcha({ captcha }: Settings): Captcha {
  switch (captcha.driver) {
    case 'none':
      return new NoCaptcha();
  }
}

/** Proves persons in the way that CAPTCHA_DRIVER names. */
@Module({
  providers: [{ provide: Captcha, useFactory: createCaptcha, inject: [Settings] }, ProofOfPerson],
  exports: [ProofOfPerson],
})
export class CaptchaModule {}
