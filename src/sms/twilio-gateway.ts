import { errorWord, exchange, parseJson } from '../outbound/http-exchange.js';
import { OutboundCallFailed } from '../outbound/outbound-call-failed.js';
import type { TwilioSettings } from '../config/outbound-settings.js';
import type { GatewaySms, SmsGateway } from './sms-gateway.js';

/** Client of Twilio's HTTP API of 2010: SMS_DRIVER=twilio. */
export class TwilioGateway implements SmsGateway {
  private readonly name: string;

  constructor(private readonly settings: TwilioSettings) {
    this.name = `the SMS gateway ${settings.url}`;
  }

  async submit({ to, text }: GatewaySms, signal: AbortSignal): Promise<void> {
    const { url, accountSid, from } = this.settings;
    const form = new URLSearchParams({
      To: to,
      Body: text,
      [/^MG[0-9a-f]{32}$/i.test(from) ? 'MessagingServiceSid' : 'From']: from,
    });
    const answer = await exchange(
      this.name,
      `${url}/2010-04-01/Accounts/${accountSid}/Messages.json`,
      {
        method: 'POST',
        headers: { authorization: this.authorization, 'content-type': 'application/x-www-form-urlencoded' },
        body: form.toString(),
      },
      signal,
    );
    const { sid, code } = (parseJson(answer) ?? {}) as { sid?: unknown; code?: unknown };
    if (answer.status === 201 && typeof sid === 'string') return;
    throw new OutboundCallFailed(this.name, `answered ${answer.status}${errorWord(code)}`);
  }

  /**
   * Asks for the account, which proves the token. Sends no SMS.
   *
   * @throws OutboundCallFailed.
   */
  async verify(signal: AbortSignal): Promise<void> {
    const { url, accountSid } = this.settings;
    const headers = { authorization: this.authorization };
    const answer = await exchange(
      this.name,
      `${url}/2010-04-01/Accounts/${accountSid}.json`,
      { method: 'GET', headers },
      signal,
    );
    if (answer.status !== 200) throw new OutboundCallFailed(this.name, `answered ${answer.status}`);
  }

  private get authorization(): string {
    const { accountSid, authToken } = this.settings;
    return `Basic ${Buffer.from(`${accountSid}:${authToken}`).toString('base64')}`;
  }
}
