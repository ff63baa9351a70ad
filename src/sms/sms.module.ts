import { Module } from '@nestjs/common';
import { Clock } from '../common/clock.js';
import { Settings } from '../config/settings.js';
import { MessagesModule } from '../messages/messages.module.js';
import { Templates } from '../messages/templates.js';
import { GatewaySmsSender } from './gateway-sms-sender.js';
import { HttpGateway } from './http-gateway.js';
import { LogSmsSender } from './log-sms-sender.js';
import { OvhGateway } from './ovh-gateway.js';
import { SmsSender } from './sms-sender.js';
import { TwilioGateway } from './twilio-gateway.js';

function createSmsSender({ sms, messages }: Settings, templates: Templates, clock: Clock): SmsSender {
  switch (sms.driver) {
    case 'log':
      return new LogSmsSender();
    case 'ovh':
      return new GatewaySmsSender(new OvhGateway(sms, clock), templates, messages);
    case 'twilio':
      return new GatewaySmsSender(new TwilioGateway(sms), templates, messages);
    case 'http':
      return new GatewaySmsSender(new HttpGateway(sms), templates, messages);
  }
}

/** Sends SMS through the adapter that SMS_DRIVER names. */
@Module({
  imports: [MessagesModule],
  providers: [{ provide: SmsSender, useFactory: createSmsSender, inject: [Settings, Templates, Clock] }],
  exports: [SmsSender],
})
export class SmsModule {}
