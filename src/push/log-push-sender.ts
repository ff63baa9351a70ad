import { printMessage } from '../common/print-message.js';
import { PushSender, type TokenPush } from './push-sender.js';

/** Prints pushes instead of sending them: PUSH_DRIVER=log. */
export class LogPushSender extends PushSender {
  async send({ pnProvider, pnPrid, token }: TokenPush): Promise<void> {
    printMessage('push', `${pnProvider} ${pnPrid}`, `token ${token}`);
  }
}
