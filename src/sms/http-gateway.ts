import { exchange, type HttpAnswer, parseJson } from '../outbound/http-exchange.js';
import { OutboundCallFailed } from '../outbound/outbound-call-failed.js';
import type { HttpGatewaySettings } from '../config/outbound-settings.js';
import { bodySyntax, contentType, fillTemplate, type Syntax } from '../config/http-template.js';
import type { GatewaySms, SmsGateway } from './sms-gateway.js';

const DEFAULT_TYPES: Partial<Record<Syntax, string>> = {
  json: 'application/json',
  xml: 'application/xml',
  form: 'application/x-www-form-urlencoded',
};

/** A gateway that accepts an SMS by one HTTP request, which is built from templates: SMS_DRIVER=http. */
export class HttpGateway implements SmsGateway {
  private readonly name: string;

  constructor(private readonly settings: HttpGatewaySettings) {
    // The rest of the URL may hold a key.
    this.name = `the SMS gateway ${new URL(settings.url.replace(/[?#{].*$/s, '')).host}`;
  }

  async submit({ to, text }: GatewaySms, signal: AbortSignal): Promise<void> {
    const { url, method, success } = this.settings;
    const values = { phone: to, message: text };
    const answer = await exchange(
      this.name,
      fillTemplate(url, values, 'url'),
      { method, ...this.content(values) },
      signal,
    );
    if (answer.status < 200 || answer.status > 299)
      throw new OutboundCallFailed(this.name, `answered ${answer.status}`);
    if (success && !saysYes(answer, success)) {
      throw new OutboundCallFailed(this.name, `answered ${answer.status}, and not what SMS_HTTP_SUCCESS asks for`);
    }
  }

  private content(values: { phone: string; message: string }): { headers: Record<string, string>; body?: string } {
    const { headers: templates, body } = this.settings;
    const headers = Object.fromEntries(
      Object.entries(templates).map(([name, value]) => [name, fillTemplate(value, values, 'header')]),
    );
    if (body === null) return { headers };
    const syntax = bodySyntax(templates, body);
    if (contentType(templates) === undefined) headers['content-type'] = DEFAULT_TYPES[syntax] ?? 'text/plain';
    return { headers, body: fillTemplate(body, values, syntax) };
  }
}

/** Whether the configured member of the answer has the value that means success. */
function saysYes(answer: HttpAnswer, { member, equals }: NonNullable<HttpGatewaySettings['success']>): boolean {
  let value = parseJson(answer);
  for (const name of member) {
    value =
      typeof value === 'object' && value !== null && Object.hasOwn(value, name)
        ? (value as Record<string, unknown>)[name]
        : undefined;
  }
  if (equals === null) return typeof value === 'object' ? Object.keys(value ?? {}).length > 0 : Boolean(value);
  return (
    (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') && String(value) === equals
  );
}
