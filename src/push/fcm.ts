import { createPrivateKey, type KeyObject } from 'node:crypto';
import { z } from 'zod';
import type { Clock } from '../common/clock.js';
import { errorWord, exchange, type HttpAnswer, parseJson } from '../outbound/http-exchange.js';
import { OutboundCallFailed } from '../outbound/outbound-call-failed.js';
import type { FcmSettings } from '../config/outbound-settings.js';
import type { TokenPush } from './push-sender.js';
import { signedJwt } from './signed-jwt.js';

const SCOPE = 'https://www.googleapis.com/auth/firebase.messaging';
/** Seconds before its end at which an access token is no longer used. */
const MARGIN = 60;

const grant = z.object({ access_token: z.string().regex(/^[\x21-\x7e]+$/), expires_in: z.number() });
const refusal = z.object({
  error: z.object({ status: z.string(), details: z.array(z.object({ errorCode: z.string().optional() })).default([]) }),
});

/** An access token, and the time in Unix seconds until which it is used. */
interface Access {
  readonly token: Promise<string>;
  readonly askedBy: AbortSignal;
  until: number;
}

/** A project id or a project number. For any other pn_param, the project of the key is used. */
const PROJECT = /^([a-z][a-z0-9-]{4,28}[a-z0-9]|\d{6,20})$/;

/** Client of Firebase Cloud Messaging, HTTP v1, with the key of a Google service account. */
export class Fcm {
  private readonly key: KeyObject;
  private readonly name: string;
  /** The current access token, or the request for one. */
  private access: Access | null = null;

  constructor(
    private readonly settings: FcmSettings,
    private readonly clock: Clock,
  ) {
    this.key = createPrivateKey(settings.account.private_key);
    this.name = `Google's push service ${settings.url}`;
  }

  /** @throws OutboundCallFailed. */
  async push({ pnParam, pnPrid, token }: TokenPush, signal: AbortSignal): Promise<void> {
    const project = PROJECT.test(pnParam) ? pnParam : this.settings.account.project_id;
    const access = await this.accessToken(signal);
    // All values under `data` are texts. The Android app parses this one.
    const data = { 'custom-payload': JSON.stringify({ token }) };
    const answer = await exchange(
      this.name,
      `${this.settings.url}/v1/projects/${project}/messages:send`,
      {
        method: 'POST',
        headers: { authorization: `Bearer ${access.token}`, 'content-type': 'application/json' },
        body: JSON.stringify({ message: { token: pnPrid, android: { priority: 'high' }, data } }),
      },
      signal,
    );
    if (answer.status === 200 && hasMessageName(parseJson(answer))) return;
    if (answer.status === 401) access.forget();
    throw new OutboundCallFailed(this.name, `answered ${answer.status}${errorWord(errorCodeOf(answer))}`);
  }

  /**
   * Asks for an access token, which proves the key; nothing is pushed.
   *
   * @throws OutboundCallFailed.
   */
  async verify(signal: AbortSignal): Promise<void> {
    await this.accessToken(signal);
  }

  /** Returns an access token. One request for it serves all pushes that wait (RFC 7523 §2.1). */
  private async accessToken(signal: AbortSignal): Promise<{ token: string; forget(): void }> {
    const known = this.access;
    const access = known && this.now() < known.until ? known : this.renewAccess(signal);
    const forget = () => {
      if (this.access === access) this.access = null;
    };
    try {
      return { token: await access.token, forget };
    } catch (error) {
      forget();
      // Another push made the request, and its time ended before that of this push.
      if (access !== known || signal.aborted || !access.askedBy.aborted) throw error;
      return this.accessToken(signal);
    }
  }

  private renewAccess(signal: AbortSignal): Access {
    const now = this.now();
    const token = this.askForAccess(now, signal).then(({ access_token, expires_in }) => {
      access.until = now + expires_in - MARGIN;
      return access_token;
    });
    const access = { token, askedBy: signal, until: Infinity };
    this.access = access;
    return access;
  }

  private async askForAccess(now: number, signal: AbortSignal): Promise<z.output<typeof grant>> {
    const { client_email: iss, token_uri: aud } = this.settings.account;
    const assertion = signedJwt('RS256', this.key, {}, { iss, aud, scope: SCOPE, iat: now, exp: now + 3600 });
    const name = `Google's token service ${new URL(aud).origin}`;
    const body = new URLSearchParams({
      grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
      assertion,
    }).toString();
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    const answer = await exchange(name, aud, { method: 'POST', headers, body }, signal);
    const granted = grant.safeParse(parseJson(answer));
    if (answer.status === 200 && granted.success) return granted.data;
    const { error } = (parseJson(answer) ?? {}) as { error?: unknown };
    throw new OutboundCallFailed(name, `answered ${answer.status}${errorWord(error)}, and no access token`);
  }

  private now(): number {
    return Math.floor(this.clock.now().getTime() / 1000);
  }
}

/** FCM's own error code, such as UNREGISTERED, or else the error code of Google's APIs. */
function errorCodeOf(answer: HttpAnswer): string | undefined {
  const { data } = refusal.safeParse(parseJson(answer));
  return data?.error.details.find(({ errorCode }) => errorCode !== undefined)?.errorCode ?? data?.error.status;
}

/** FCM answers with the name of the message. Another server that answers 200 does not. */
function hasMessageName(answer: unknown): boolean {
  return z.object({ name: z.string().min(1) }).safeParse(answer).success;
}
