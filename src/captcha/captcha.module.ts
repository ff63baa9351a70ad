import { Module } from '@nestjs/common';
import { Clock } from '../common/clock.js';
import { Settings } from '../config/settings.js';
import { Captcha } from './captcha.js';
import { NoCaptcha } from './no-captcha.js';
import { ProofOfWork } from './proof-of-work.js';
import { ProviderCaptcha } from './provider-captcha.js';
import { ProofOfPerson } from './proof-of-person.service.js';

function createCaptcha({ captcha, appKey }: Settings, clock: Clock): Captcha {
  switch (captcha.driver) {
    case 'none':
      return new NoCaptcha();
    case 'proof-of-work':
      return new ProofOfWork(appKey, clock);
    case 'hcaptcha':
    case 'turnstile':
      return new ProviderCaptcha(captcha);
  }
}

/** Proves persons in the way that CAPTCHA_DRIVER names. */
@Module({
  providers: [{ provide: Captcha, useFactory: createCaptcha, inject: [Settings, Clock] }, ProofOfPerson],
  exports: [ProofOfPerson],
})
export class CaptchaModule {}
