import { printMessage } from '../common/print-message.js';
import { type CodeSms, SmsSender } from './sms-sender.js';

/** Prints SMS instead of sending them: SMS_DRIVER=log. */
export class LogSmsSender extends SmsSender {
  async send({ kind, to, code }: CodeSms): Promise<void> {
    printMessage('sms', to, `${kind} code ${code}`);
  }
}
