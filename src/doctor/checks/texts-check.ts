import type { Settings } from '../../config/settings.js';
import { MailTexts } from '../../mail/mail-texts.js';
import { Templates, TemplateInvalid } from '../../messages/templates.js';
import { GatewaySmsSender } from '../../sms/gateway-sms-sender.js';
import { type Check, error, ok, type Verdict } from '../finding.js';

const NO_GATEWAY = { submit: async (): Promise<void> => {} };

/** Whether the texts of mails and SMS can be used, the operator's own among them. */
export class TextsCheck implements Check {
  readonly name = 'texts';

  constructor(private readonly settings: Settings) {}

  run(): Verdict[] {
    const { folder } = this.settings.messages;
    try {
      const { languages } = this.load();
      return [ok(`${folder === null ? 'those that come with the service' : `with those of ${folder}`}, in ${languages.join(', ')}`)];
    } catch (reason) {
      if (reason instanceof TemplateInvalid) return [error(reason.message, 'Mend it: the service does not start before.')];
      throw reason;
    }
  }

  /** As at start, where those who write mails and SMS make sure that they can. */
  private load(): Templates {
    const { messages } = this.settings;
    const templates = new Templates(messages.folder);
    const writers = [() => new MailTexts(templates, messages), () => new GatewaySmsSender(NO_GATEWAY, templates, messages)];
    for (const write of writers) write();
    return templates;
  }
}
