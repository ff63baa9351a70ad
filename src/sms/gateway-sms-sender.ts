import type { MessageSettings } from '../config/neighbour-settings.js';
import { TemplateInvalid, type Templates } from '../messages/templates.js';
import { toSmsText } from './gsm-alphabet.js';
import type { SmsGateway } from './sms-gateway.js';
import { type CodeSms, SmsSender } from './sms-sender.js';

/** Stands for a code while the templates are checked. */
const SAMPLE = '(code)';

const KINDS: readonly CodeSms['kind'][] = ['activation', 'phone-confirmation'];

/** Writes SMS by their templates and hands them to a gateway. */
export class GatewaySmsSender extends SmsSender {
  constructor(
    private readonly gateway: SmsGateway,
    private readonly templates: Templates,
    private readonly settings: MessageSettings,
  ) {
    super();
    for (const language of templates.languages) for (const kind of KINDS) this.checkTemplate(language, kind);
  }

  async send({ kind, to, code, acceptLanguage }: CodeSms, signal: AbortSignal): Promise<void> {
    const language = this.templates.languageFor(`sms/${kind}.txt`, acceptLanguage);
    await this.gateway.submit({ to, ...toSmsText(this.write(language, kind, code)) }, signal);
  }

  private write(language: string, kind: CodeSms['kind'], code: string): string {
    return this.templates.render(language, `sms/${kind}.txt`, { application: this.settings.application, code }).trim();
  }

  /** A template that cannot be used is found at start, not with the first SMS. */
  private checkTemplate(language: string, kind: CodeSms['kind']): void {
    const name = `sms/${kind}.txt`;
    if (!this.templates.has(language, name)) return;
    this.templates.check(language, name, { application: this.settings.application, code: SAMPLE });
    if (!this.write(language, kind, SAMPLE).includes(SAMPLE)) throw new TemplateInvalid(`${language}/${name}`, 'it does not say {{code}}');
  }
}
