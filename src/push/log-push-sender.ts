import { Injectable } from '@nestjs/common';
import { DELIVERED, type Delivery } from '../common/delivery.js';
import { printMessage } from '../common/print-message.js';
import { PushSender, type TokenPush } from './push-sender.js';

/** Prints pushes instead of sending them: PUSH_DRIVER=log. */
@Injectable()
export class LogPushSender extends PushSender {
  async send({ pnProvider, pnPrid, token }: TokenPush): Promise<Delivery> {
    printMessage('push', `${pnProvider} ${pnPrid}`, `token ${token}`);
    return DELIVERED;
  }
}
