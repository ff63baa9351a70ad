import { createPrivateKey, type KeyObject } from 'node:crypto';
import { type ClientHttp2Session, type ClientHttp2Stream, connect, constants } from 'node:http2';
import type { Clock } from '../common/clock.js';
import { errorWord, type HttpAnswer, parseJson } from '../outbound/http-exchange.js';
import { OutboundCallFailed, reasonOf } from '../outbound/outbound-call-failed.js';
import type { ApnsSettings } from '../config/outbound-settings.js';
import { type AppleTarget, parseAppleParameters } from './apple-parameters.js';
import type { TokenPush } from './push-sender.js';
import { signedJwt } from './signed-jwt.js';

/** Seconds. Apple accepts an authentication token for an hour, and a new token at most every 20 minutes. */
const TOKEN_AGE = 40 * 60;
const MOST_BYTES = 65_536;
/** Attempts for a push that the server refuses unread. */
const ATTEMPTS = 3;

type Provider = keyof ApnsSettings['urls'];

/** Milliseconds that an unused connection is kept. */
const MOST_IDLE = 600_000;
/** Milliseconds in which a working connection answers. */
const PING_LIMIT = 2_000;

/** The server did not process the request (RFC 9113 §8.7), so the request may be repeated. */
class RequestRefused extends OutboundCallFailed {}

/** A connection, with the number of its open requests. */
interface Connection {
  readonly session: ClientHttp2Session;
  requests: number;
  /** The ping that waits for its answer. Callers share it, since only a few pings may be open at once. */
  ping: Promise<boolean> | null;
  /** Whether the connection accepts no further requests. It closes after its last request. */
  isRetired: boolean;
}

/** Client of Apple's push service over HTTP/2, with one connection to each of its two addresses. */
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

  /** @throws OutboundCallFailed. */
  async push({ pnProvider, pnParam, pnPrid, token }: TokenPush, signal: AbortSignal): Promise<void> {
    const provider = pnProvider === 'apns.dev' ? 'apns.dev' : 'apns';
    const name = `Apple's push service ${this.settings.urls[provider]}`;
    const target = parseAppleParameters(pnParam, pnPrid);
    if (!target) throw new OutboundCallFailed(name, 'not asked, since the parameters are not those of an Apple device');
    // The iOS app reads the token from this member.
    const body = JSON.stringify({ aps: { 'content-available': 1 }, customPayload: { token } });
    const answer = await this.postUntilRead(name, provider, { ...this.headers(target), body }, signal);
    if (answer.status === 200) return;
    const { reason } = (parseJson(answer) ?? {}) as { reason?: unknown };
    // Apple's clock and ours differ. For any other reason, Apple would refuse a new token too, and it refuses too many
    // new tokens.
    if (reason === 'ExpiredProviderToken') this.authentication.issuedAt = -Infinity;
    throw new OutboundCallFailed(name, `answered ${answer.status}${errorWord(reason)}`);
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

  /**
   * Repeats a request that was certainly not processed. A request that may have been processed is not repeated, so that
   * no push is sent twice.
   */
  private async postUntilRead(
    name: string,
    provider: Provider,
    request: Record<string, string>,
    signal: AbortSignal,
  ): Promise<HttpAnswer> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.post(name, await this.connection(provider), request, signal);
      } catch (error) {
        if (!(error instanceof RequestRefused) || signal.aborted || attempt === ATTEMPTS) throw error;
      }
    }
  }

  private async post(
    name: string,
    connection: Connection,
    { body, ...headers }: Record<string, string>,
    signal: AbortSignal,
  ): Promise<HttpAnswer> {
    if (signal.aborted) throw new OutboundCallFailed(name, 'did not answer in time');
    const stream = this.request(name, connection, headers, signal);
    return new Promise((resolve, reject) => {
      const chunks: Buffer[] = [];
      let status = 0;
      let size = 0;
      const fail = (reason: string) => {
        const isRefused = stream.rstCode === constants.NGHTTP2_REFUSED_STREAM;
        reject(isRefused ? new RequestRefused(name, reason) : new OutboundCallFailed(name, reason));
        // A stream that waits for the connection would continue to wait, and keep the connection.
        if (stream.pending) stream.destroy();
        else stream.close(constants.NGHTTP2_CANCEL);
        // The connection may be the cause, so the next push gets another one.
        if (!isRefused) this.retire(connection);
      };
      stream.on('response', (answer) => (status = Number(answer[':status'])));
      stream.on('data', (chunk: Buffer) => {
        size += chunk.length;
        if (size <= MOST_BYTES) chunks.push(chunk);
        else fail('answers more than 64 KiB');
      });
      stream.on('error', (error) => fail(signal.aborted ? 'did not answer in time' : reasonOf(error)));
      stream.on('close', () => {
        connection.requests -= 1;
        if (stream.rstCode !== constants.NGHTTP2_NO_ERROR || status === 0) fail('broke off the request');
        else resolve({ status, body: Buffer.concat(chunks).toString('utf8') });
        if (connection.isRetired) this.retire(connection);
      });
      stream.end(body);
    });
  }

  private request(
    name: string,
    connection: Connection,
    headers: Record<string, string>,
    signal: AbortSignal,
  ): ClientHttp2Stream {
    try {
      const stream = connection.session.request(headers, { signal });
      connection.requests += 1;
      return stream;
    } catch (error) {
      // The connection has ended, but its event has not arrived yet.
      this.retire(connection);
      throw new RequestRefused(name, reasonOf(error));
    }
  }

  /**
   * Returns the current connection if it works. A connection without open requests is tested first, since its end may
   * not have been noticed.
   */
  private async connection(provider: Provider): Promise<Connection> {
    const known = this.connections.get(provider);
    if (known && (known.requests > 0 || (await this.isAlive(known)))) return known;
    return this.connections.get(provider) ?? this.open(provider);
  }

  private async isAlive(connection: Connection): Promise<boolean> {
    connection.ping ??= pingOf(connection.session).finally(() => (connection.ping = null));
    if (!(await connection.ping)) this.retire(connection);
    return !connection.isRetired;
  }

  private open(provider: Provider): Connection {
    // Apple allows one request at a time on a new connection, and reports the later limit itself.
    const session = connect(this.settings.urls[provider], { peerMaxConcurrentStreams: 1 });
    const connection: Connection = { session, requests: 0, ping: null, isRetired: false };
    const retire = () => this.retire(connection);
    // Open requests fail with the same error and report it to their callers.
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

/** Whether the server answers a ping in time. */
function pingOf(session: ClientHttp2Session): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(false), PING_LIMIT);
    const answer = (isAlive: boolean) => {
      clearTimeout(timer);
      resolve(isAlive);
    };
    if (session.destroyed || !session.ping((error) => answer(error === null))) answer(false);
  });
}
