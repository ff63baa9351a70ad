import type { Settings } from '../../config/settings.js';
import { MailTexts } from '../../mail/mail-texts.js';
import { Templates, TemplateInvalid } from '../../messages/templates.js';
import { GatewaySmsSender } from '../../sms/gateway-sms-sender.js';
import { type Check, error, ok, type Verdict } from '../finding.js';

const NO_GATEWAY = { submit: async (): Promise<void> => {} };

/** Checks whether the texts of e-mails and SMS can be used, including the operator's own. */
export class TextsCheck implements Check {
  readonly name = 'texts';

  constructor(private readonly settings: Settings) {}

  run(): Verdict[] {
    const { folder } = this.settings.messages;
    try {
      const { languages } = this.load();
      return [
        ok(
          `${folder === null ? 'built-in texts' : `built-in texts with those of ${folder}`}, in ${languages.join(', ')}`,
        ),
      ];
    } catch (reason) {
      if (reason instanceof TemplateInvalid)
        return [error(reason.message, 'Correct the template. The service does not start until then.')];
      throw reason;
    }
  }

  /** Loads the texts as the start does: the senders of e-mails and SMS check their own texts. */
  private load(): Templates {
    const { messages } = this.settings;
    const templates = new Templates(messages.folder);
    const writers = [
      () => new MailTexts(templates, messages),
      () => new GatewaySmsSender(NO_GATEWAY, templates, messages),
    ];
    for (const write of writers) write();
    return templates;
  }
}
