import { createHash } from 'node:crypto';
import { type ArrivedRequest, FakeHttpService, type Reply } from './fake-http-service.js';

/** The credentials of an OVH account. */
export const OVH_KEYS = {
  application: 'AppKey7391xyz',
  secret: 'AppSecret5820abcdef',
  consumer: 'ConsumerKey6402ghijkl',
};

/** The path of its API. */
const ROOT = '/1.0';
/** Seconds by which the time of a signature may differ from OVH's time. */
const TOLERANCE = 30;

interface Refusal {
  status: number;
  errorCode: string;
  message: string;
}

/** The members of a job in OVH's documentation, with a check for each. */
const JOB: Record<string, (value: unknown) => boolean> = {
  message: (value) => typeof value === 'string' && value !== '',
  receivers: (value) =>
    Array.isArray(value) && value.length > 0 && value.every((one) => /^(\+|00)\d+$/.test(String(one))),
  sender: (value) => typeof value === 'string',
  charset: (value) => value === 'UTF-8',
  coding: (value) => value === '7bit' || value === '8bit',
  class: (value) => ['flash', 'phoneDisplay', 'sim', 'toolkit'].includes(String(value)),
  priority: (value) => ['high', 'medium', 'low', 'veryLow'].includes(String(value)),
  noStopClause: (value) => typeof value === 'boolean',
  senderForResponse: (value) => typeof value === 'boolean',
  validityPeriod: (value) => Number.isInteger(value),
};

/** A fake of OVH's HTTP API for SMS, with accounts, signatures and its own clock. */
export class FakeOvh {
  /** Seconds by which its clock is ahead of the machine's. */
  ahead = 0;
  services = ['sms-ab12345-1', 'sms-ab12345-2'];
  /** Numbers that it treats as invalid. */
  readonly invalid = new Set<string>();
  /** Accepted jobs, oldest first, each with its service. */
  // oxlint-disable-next-line typescript/no-explicit-any -- tests look into whatever arrived
  readonly jobs: { service: string; job: any }[] = [];
  /** A response that replaces the normal ones until it is cleared. */
  instead: ((request: ArrivedRequest) => Reply | Promise<Reply> | undefined) | null = null;

  private constructor(readonly http: FakeHttpService) {}

  static async start(): Promise<FakeOvh> {
    const ovh = new FakeOvh(await FakeHttpService.start());
    ovh.http.answer((request) => ovh.instead?.(request) ?? ovh.reply(request));
    return ovh;
  }

  /** The value of OVH_APP_ENDPOINT. */
  get url(): string {
    return `${this.http.origin}${ROOT}`;
  }

  /** The received calls, oldest first: `POST /sms/sms-ab12345-1/jobs`. */
  get calls(): string[] {
    return this.http.requests.map(({ method, target }) => `${method} ${target.replace(ROOT, '')}`);
  }

  forget(): void {
    Object.assign(this, { ahead: 0, instead: null, services: ['sms-ab12345-1', 'sms-ab12345-2'] });
    this.invalid.clear();
    this.jobs.length = 0;
    this.http.forget();
  }

  stop(): Promise<void> {
    return this.http.stop();
  }

  /** Its own time in seconds, independent of the fake date of a test. */
  private now(): number {
    return Math.floor((performance.timeOrigin + performance.now()) / 1000) + this.ahead;
  }

  private reply(request: ArrivedRequest): Reply {
    if (request.method === 'GET' && request.target === `${ROOT}/auth/time`) return { body: this.now() };
    const refusal = this.refusalOf(request);
    if (refusal) return refuse(refusal);
    if (request.method === 'GET' && request.target === `${ROOT}/sms`) return { body: this.services };
    const [, service = ''] = /^\/1\.0\/sms\/([^/?]+)\/jobs$/.exec(request.target) ?? [];
    if (request.method !== 'POST' || !this.services.includes(decodeURIComponent(service))) {
      return refuse({ status: 404, errorCode: 'NOT_FOUND', message: 'This service does not exist' });
    }
    return this.take(decodeURIComponent(service), request);
  }

  private refusalOf({ method, target, headers, body }: ArrivedRequest): Refusal | null {
    const timestamp = String(headers['x-ovh-timestamp']);
    if (headers['x-ovh-application'] !== OVH_KEYS.application) {
      return { status: 403, errorCode: 'INVALID_KEY', message: 'This application key is invalid' };
    }
    if (headers['x-ovh-consumer'] !== OVH_KEYS.consumer) {
      return { status: 403, errorCode: 'INVALID_CREDENTIAL', message: 'This credential is not valid' };
    }
    if (!/^\d+$/.test(timestamp) || Math.abs(Number(timestamp) - this.now()) > TOLERANCE) {
      return { status: 400, errorCode: 'QUERY_TIME_OUT', message: 'Query out of time' };
    }
    const signed = [OVH_KEYS.secret, OVH_KEYS.consumer, method, `${this.http.origin}${target}`, body, timestamp].join(
      '+',
    );
    if (headers['x-ovh-signature'] === `$1$${createHash('sha1').update(signed).digest('hex')}`) return null;
    return { status: 400, errorCode: 'INVALID_SIGNATURE', message: 'Invalid signature' };
  }

  private take(service: string, request: ArrivedRequest): Reply {
    const job = request.json as Record<string, unknown>;
    const wrong = Object.entries(job).filter(([name, value]) => !JOB[name]?.(value));
    if (wrong.length > 0 || job.message === undefined || job.receivers === undefined) {
      return refuse({
        status: 400,
        errorCode: 'INVALID_ARGUMENT',
        message: `[${wrong.map(([name]) => name).join()}] ${request.body}`,
      });
    }
    this.jobs.push({ service, job });
    const receivers = job.receivers as string[];
    const invalidReceivers = receivers.filter((receiver) => this.invalid.has(receiver));
    const validReceivers = receivers.filter((receiver) => !this.invalid.has(receiver));
    return {
      body: {
        totalCreditsRemoved: validReceivers.length,
        ids: validReceivers.map((_, id) => id),
        validReceivers,
        invalidReceivers,
      },
    };
  }
}

function refuse({ status, errorCode, message }: Refusal): Reply {
  return { status, body: { errorCode, httpCode: `${status} Error`, message } };
}
