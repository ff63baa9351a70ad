import { Injectable } from '@nestjs/common';
import { DELIVERED, type Delivery } from '../common/delivery.js';
import { printMessage } from '../common/print-message.js';
import { type CodeSms, SmsSender } from './sms-sender.js';

/** Prints SMS instead of sending them: SMS_DRIVER=log. */
@Injectable()
export class LogSmsSender extends SmsSender {
  async send({ kind, to, code }: CodeSms): Promise<Delivery> {
    printMessage('sms', to, `${kind} code ${code}`);
    return DELIVERED;
  }
}
