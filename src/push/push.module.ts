import { Module } from '@nestjs/common';
import { Clock } from '../common/clock.js';
import { Settings } from '../config/settings.js';
import { DirectPushSender } from './direct-push-sender.js';
import { FlexisipPusher } from './flexisip-pusher.js';
import { LogPushSender } from './log-push-sender.js';
import { PushSender } from './push-sender.js';

function createPushSender({ push }: Settings, clock: Clock): PushSender {
  switch (push.driver) {
    case 'log':
      return new LogPushSender();
    case 'flexisip_pusher':
      return new FlexisipPusher(push);
    case 'direct':
      return new DirectPushSender(push, clock);
  }
}

/** Sends pushes through the adapter that PUSH_DRIVER names. */
@Module({
  providers: [{ provide: PushSender, useFactory: createPushSender, inject: [Settings, Clock] }],
  exports: [PushSender],
})
export class PushModule {}
