import { createPrivateKey, type KeyObject } from 'node:crypto';
import { type ClientHttp2Session, type ClientHttp2Stream, connect, constants } from 'node:http2';
import type { Clock } from '../common/clock.js';
import { errorWord, type HttpAnswer, parseJson } from '../outbound/http-exchange.js';
import { OutboundCallFailed, reasonOf } from '../outbound/outbound-call-failed.js';
import type { ApnsSettings } from '../config/outbound-settings.js';
import { type AppleTarget, parseAppleParameters } from './apple-parameters.js';
import type { TokenPush } from './push-sender.js';
import { signedJwt } from './signed-jwt.js';

/** Apple takes an authentication token for an hour, and a new one every 20 minutes at most. */
const TOKEN_AGE = 40 * 60;
const MOST_BYTES = 65_536;
/** How often a push is tried that was refused unread. */
const ATTEMPTS = 3;

type Provider = keyof ApnsSettings['urls'];

/** Milliseconds for which an unused connection is kept. */
const MOST_IDLE = 600_000;
/** Milliseconds within which a connection answers that is alive. */
const PING_LIMIT = 2_000;

/** The request was not looked at (RFC 9113 §8.7): it may be made again. */
class RequestRefused extends OutboundCallFailed {}

/** A connection with the requests under way on it. */
interface Connection {
  readonly session: ClientHttp2Session;
  requests: number;
  /** The question whether it is alive, while it is under way: shared, since but a few may be. */
  ping: Promise<boolean> | null;
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

  /** @throws OutboundCallFailed. */
  async push({ pnProvider, pnParam, pnPrid, token }: TokenPush, signal: AbortSignal): Promise<void> {
    const provider = pnProvider === 'apns.dev' ? 'apns.dev' : 'apns';
    const name = `Apple's push service ${this.settings.urls[provider]}`;
    const target = parseAppleParameters(pnParam, pnPrid);
    if (!target) throw new OutboundCallFailed(name, 'not asked, since the parameters are not those of an Apple device');
    // The iOS app reads the token here.
    const body = JSON.stringify({ aps: { 'content-available': 1 }, customPayload: { token } });
    const answer = await this.postUntilRead(name, provider, { ...this.headers(target), body }, signal);
    if (answer.status === 200) return;
    const { reason } = (parseJson(answer) ?? {}) as { reason?: unknown };
    // Our clocks differ. For any other reason a new token would be refused too, and too many of them are.
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

  /** Asks again what was certainly not looked at; what may have been is not pushed twice. */
  private async postUntilRead(name: string, provider: Provider, request: Record<string, string>, signal: AbortSignal): Promise<HttpAnswer> {
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
        // One that waits for the connection would wait on, and hold it.
        if (stream.pending) stream.destroy();
        else stream.close(constants.NGHTTP2_CANCEL);
        // What is wrong may be the connection: the next push gets another.
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

  private request(name: string, connection: Connection, headers: Record<string, string>, signal: AbortSignal): ClientHttp2Stream {
    try {
      const stream = connection.session.request(headers, { signal });
      connection.requests += 1;
      return stream;
    } catch (error) {
      // The connection has ended, and its event is still on its way.
      this.retire(connection);
      throw new RequestRefused(name, reasonOf(error));
    }
  }

  /** The connection of now, if it is alive: one on which nothing is under way is asked first, since it may have gone unnoticed. */
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
    // Apple allows one request at once on a new connection; how many later, it says itself.
    const session = connect(this.settings.urls[provider], { peerMaxConcurrentStreams: 1 });
    const connection: Connection = { session, requests: 0, ping: null, isRetired: false };
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

/** Whether the other end answers in time. */
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
