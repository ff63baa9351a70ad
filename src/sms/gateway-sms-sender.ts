import type { MessageSettings } from '../config/outbound-settings.js';
import type { Templates } from '../messages/templates.js';
import { toSmsText } from './gsm-alphabet.js';
import type { SmsGateway } from './sms-gateway.js';
import { type CodeSms, SmsSender } from './sms-sender.js';

/** Sample code, for the check of the templates. */
const SAMPLE = '(code)';

const KINDS: readonly CodeSms['kind'][] = ['activation', 'phone-confirmation'];

/** Writes SMS from templates and sends them through a gateway. */
export class GatewaySmsSender extends SmsSender {
  constructor(
    private readonly gateway: SmsGateway,
    private readonly templates: Templates,
    private readonly settings: MessageSettings,
  ) {
    super();
    // Templates are checked at start, so that an unusable one does not fail with the first SMS.
    const sample = { application: settings.application, code: SAMPLE };
    for (const language of templates.languages) {
      for (const kind of KINDS) {
        const name = `sms/${kind}.txt`;
        if (templates.has(language, name)) templates.check(language, name, sample, 'code');
      }
    }
  }

  async send({ kind, to, code, acceptLanguage }: CodeSms, signal: AbortSignal): Promise<void> {
    const language = this.templates.languageFor(`sms/${kind}.txt`, acceptLanguage);
    await this.gateway.submit({ to, ...toSmsText(this.write(language, kind, code)) }, signal);
  }

  private write(language: string, kind: CodeSms['kind'], code: string): string {
    return this.templates.render(language, `sms/${kind}.txt`, { application: this.settings.application, code }).trim();
  }
}
