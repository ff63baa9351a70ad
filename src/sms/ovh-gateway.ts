import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { Clock } from '../common/clock.js';
import { errorWord, exchange, type HttpAnswer, parseJson } from '../outbound/http-exchange.js';
import { OutboundCallFailed } from '../outbound/outbound-call-failed.js';
import type { OvhSettings } from '../config/outbound-settings.js';
import type { GatewaySms, SmsGateway } from './sms-gateway.js';

const refusal = z.object({ errorCode: z.string() });
const report = z.object({ validReceivers: z.array(z.string()).min(1), invalidReceivers: z.array(z.string()).max(0) });

/** Error codes of OVH for a request that is signed at another time than that of its own clock. */
const CLOCK_ERRORS = new Set(['INVALID_SIGNATURE', 'QUERY_TIME_OUT']);

/** Client of OVH's signed HTTP API: SMS_DRIVER=ovh. */
export class OvhGateway implements SmsGateway {
  private readonly name: string;
  /**
   * Seconds that OVH's clock is ahead of ours. OVH refuses a request that is signed at another time than that of its
   * own clock.
   */
  private ahead: number | null = null;
  private service: string | null;

  constructor(
    private readonly settings: OvhSettings,
    private readonly clock: Clock,
  ) {
    this.name = `the SMS gateway ${settings.url}`;
    this.service = settings.service;
  }

  async submit({ to, text, is7Bit }: GatewaySms, signal: AbortSignal): Promise<void> {
    const service = (this.service ??= await this.firstService(signal));
    const job = {
      message: text,
      receivers: [to],
      sender: this.settings.sender,
      charset: 'UTF-8',
      coding: is7Bit ? '7bit' : '8bit',
      class: 'phoneDisplay',
      priority: 'high',
      noStopClause: true,
      senderForResponse: false,
      validityPeriod: 60,
    };
    const answer = await this.call('POST', `/sms/${encodeURIComponent(service)}/jobs`, JSON.stringify(job), signal);
    if (!report.safeParse(parseJson(answer)).success)
      throw new OutboundCallFailed(this.name, 'did not take the receiver');
  }

  /**
   * Checks what can be checked without sending an SMS: the time, or the name of the SMS service if none is set. The
   * name proves the keys.
   *
   * @throws OutboundCallFailed.
   */
  async verify(signal: AbortSignal): Promise<void> {
    if (this.service === null) await this.firstService(signal);
    else await this.askTime(signal);
  }

  private async firstService(signal: AbortSignal): Promise<string> {
    const services = z.array(z.string()).safeParse(parseJson(await this.call('GET', '/sms', '', signal)));
    const first = services.data?.[0];
    if (first === undefined) throw new OutboundCallFailed(this.name, 'names no SMS service of this account');
    return first;
  }

  /** Makes a signed call. Returns only an answer with status 200. */
  private async call(method: string, path: string, body: string, signal: AbortSignal): Promise<HttpAnswer> {
    const isClockAsked = this.ahead === null;
    this.ahead ??= await this.askTime(signal);
    const url = `${this.settings.url}${path}`;
    const headers = this.sign(method, url, body, this.now() + this.ahead);
    const answer = await exchange(this.name, url, { method, headers, ...(body === '' ? {} : { body }) }, signal);
    if (answer.status === 200) return answer;
    const { errorCode = '' } = refusal.safeParse(parseJson(answer)).data ?? {};
    if (CLOCK_ERRORS.has(errorCode) && !isClockAsked) {
      // One of the two clocks was set in the meantime.
      this.ahead = null;
      return this.call(method, path, body, signal);
    }
    // The service may belong to another account, or no longer exist.
    if (answer.status === 404) this.service = this.settings.service;
    throw new OutboundCallFailed(this.name, `answered ${answer.status}${errorWord(errorCode)}`);
  }

  private sign(method: string, url: string, body: string, timestamp: number): Record<string, string> {
    const { appKey, appSecret, consumerKey } = this.settings;
    const signed = [appSecret, consumerKey, method, url, body, timestamp].join('+');
    return {
      'content-type': 'application/json',
      'x-ovh-application': appKey,
      'x-ovh-consumer': consumerKey,
      'x-ovh-timestamp': String(timestamp),
      'x-ovh-signature': `$1$${createHash('sha1').update(signed).digest('hex')}`,
    };
  }

  private async askTime(signal: AbortSignal): Promise<number> {
    const time = parseJson(await exchange(this.name, `${this.settings.url}/auth/time`, { method: 'GET' }, signal));
    if (typeof time !== 'number') throw new OutboundCallFailed(this.name, 'does not tell its time');
    return Math.round(time) - this.now();
  }

  private now(): number {
    return Math.floor(this.clock.now().getTime() / 1000);
  }
}
