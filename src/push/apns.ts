import { createPrivateKey, type KeyObject } from 'node:crypto';
import { type ClientHttp2Session, connect, constants } from 'node:http2';
import type { Clock } from '../common/clock.js';
import { errorWord, type HttpAnswer, parseJson } from '../common/neighbours/http-exchange.js';
import { NeighbourFailed, reasonOf } from '../common/neighbours/neighbour-failed.js';
import type { ApnsSettings } from '../config/neighbour-settings.js';
import { type AppleTarget, parseAppleParameters } from './apple-parameters.js';
import type { TokenPush } from './push-sender.js';
import { signedJwt } from './signed-jwt.js';

/** Apple takes an authentication token for an hour, and a new one every 20 minutes at most. */
const TOKEN_AGE = 40 * 60;
const MOST_BYTES = 65_536;

type Provider = keyof ApnsSettings['urls'];

/** Milliseconds for which an unused connection is kept: one that somebody on the way has forgotten would cost a push. */
const MOST_IDLE = 60_000;

/** A connection with the requests under way on it. */
interface Connection {
  readonly session: ClientHttp2Session;
  requests: number;
  /** Whether anything was ever answered on it. */
  hasWorked: boolean;
  /** Takes no further requests, and ends with the last. */
  isRetired: boolean;
}

/** Apple's push service over HTTP/2, one connection to each of its two addresses. */
export class Apns {
  private readonly key: KeyObject;
  private readonly connections = new Map<Provider, Connection>();
  private authentication = { token: '', issuedAt: -Infinity };

  constructor(
    private readonly settings: ApnsSettings,
    private readonly clock: Clock,
  ) {
    this.key = createPrivateKey(settings.key);
  }

  /** @throws NeighbourFailed. */
  async push({ pnProvider, pnParam, pnPrid, token }: TokenPush, signal: AbortSignal): Promise<void> {
    const provider = pnProvider === 'apns.dev' ? 'apns.dev' : 'apns';
    const name = `Apple's push service ${this.settings.urls[provider]}`;
    const target = parseAppleParameters(pnParam, pnPrid);
    if (!target) throw new NeighbourFailed(name, 'not asked, since the parameters are not those of an Apple device');
    // The iOS app reads the token here.
    const body = JSON.stringify({ aps: { 'content-available': 1 }, customPayload: { token } });
    const answer = await this.postOnce(name, provider, { ...this.headers(target), body }, signal);
    if (answer.status === 200) return;
    // So that a token that Apple does not take any more is not kept for its whole time.
    if (answer.status === 403) this.authentication.issuedAt = -Infinity;
    const { reason } = (parseJson(answer) ?? {}) as { reason?: unknown };
    throw new NeighbourFailed(name, `answered ${answer.status}${errorWord(reason)}`);
  }

  close(): void {
    for (const { session } of this.connections.values()) session.destroy();
  }

  private headers({ topic, deviceToken }: AppleTarget): Record<string, string> {
    return {
      ':method': 'POST',
      ':path': `/3/device/${deviceToken}`,
      authorization: `bearer ${this.authenticationToken()}`,
      'apns-topic': topic,
      'apns-push-type': 'background',
      'apns-priority': '5',
      'content-type': 'application/json',
    };
  }

  /** A connection that has worked before may have been closed just now, by either end: then another is tried. */
  private async postOnce(name: string, provider: Provider, request: Record<string, string>, signal: AbortSignal): Promise<HttpAnswer> {
    const connection = this.connection(provider);
    const { hasWorked } = connection;
    try {
      return await this.post(name, connection, request, signal);
    } catch (error) {
      if (!hasWorked || signal.aborted || !connection.session.destroyed) throw error;
      return this.post(name, this.connection(provider), request, signal);
    }
  }

  private post(
    name: string,
    connection: Connection,
    { body, ...headers }: Record<string, string>,
    signal: AbortSignal,
  ): Promise<HttpAnswer> {
    return new Promise((resolve, reject) => {
      const stream = connection.session.request(headers);
      connection.requests += 1;
      const chunks: Buffer[] = [];
      let status = 0;
      let size = 0;
      const fail = (reason: string) => {
        reject(new NeighbourFailed(name, reason));
        stream.close(constants.NGHTTP2_CANCEL);
        // What is wrong may be the connection: the next push gets another.
        this.retire(connection);
      };
      const late = () => fail('did not answer in time');
      signal.addEventListener('abort', late, { once: true });
      stream.on('response', (answer) => {
        status = Number(answer[':status']);
        connection.hasWorked = true;
      });
      stream.on('data', (chunk: Buffer) => {
        size += chunk.length;
        if (size <= MOST_BYTES) chunks.push(chunk);
        else fail('answers more than 64 KiB');
      });
      stream.on('error', (error) => fail(reasonOf(error)));
      stream.on('close', () => {
        signal.removeEventListener('abort', late);
        connection.requests -= 1;
        if (stream.rstCode !== constants.NGHTTP2_NO_ERROR || status === 0) fail('broke off the request');
        else resolve({ status, body: Buffer.concat(chunks).toString('utf8') });
        if (connection.isRetired) this.retire(connection);
      });
      stream.end(body);
    });
  }

  private connection(provider: Provider): Connection {
    const known = this.connections.get(provider);
    if (known) return known;
    const session = connect(this.settings.urls[provider]);
    const connection: Connection = { session, requests: 0, hasWorked: false, isRetired: false };
    const retire = () => this.retire(connection);
    // The requests under way fail with the same error, and tell their callers.
    session.once('error', retire).once('close', retire).once('goaway', retire).setTimeout(MOST_IDLE, retire);
    // An idle connection does not keep the process alive.
    session.unref();
    this.connections.set(provider, connection);
    return connection;
  }

  private retire(connection: Connection): void {
    connection.isRetired = true;
    for (const [provider, known] of this.connections) if (known === connection) this.connections.delete(provider);
    if (connection.requests === 0) connection.session.destroy();
  }

  private authenticationToken(): string {
    const now = Math.floor(this.clock.now().getTime() / 1000);
    if (now - this.authentication.issuedAt >= TOKEN_AGE) {
      const { keyId: kid, teamId: iss } = this.settings;
      this.authentication = { token: signedJwt('ES256', this.key, { kid }, { iss, iat: now }), issuedAt: now };
    }
    return this.authentication.token;
  }
}
