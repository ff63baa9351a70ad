import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A request as Google receives it. */
export interface ReceivedCall {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

interface Response {
  status: number;
  body?: unknown;
  headers?: Record<string, string>;
}

/** A fake of Google: it issues access tokens at `/token` and accepts messages at all other paths. */
export class FakeGoogle {
  /** The requests for access tokens. */
  readonly grants: ReceivedCall[] = [];
  /** The received messages. */
  readonly messages: ReceivedCall[] = [];
  /** Lifetime of an access token in seconds. */
  lifetime = 3599;
  private readonly server: Server;
  private grantAnswers: Response[] = [];
  private messageAnswers: Response[] = [];
  private isHeld = false;
  private held: (() => void)[] = [];

  constructor() {
    this.server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const { method = '', url: path = '', headers } = request;
        const call = { method, path, headers, body: Buffer.concat(chunks).toString('utf8') };
        const answer = path === '/token' ? this.grant(call) : this.deliver(call);
        const send = () => {
          response.writeHead(answer.status, { 'content-type': 'application/json; charset=UTF-8', ...answer.headers });
          response.end(answer.body === undefined ? '' : JSON.stringify(answer.body));
        };
        if (this.isHeld) this.held.push(send);
        else send();
      });
    });
  }

  async start(): Promise<this> {
    this.server.listen(0, '127.0.0.1');
    await once(this.server, 'listening');
    return this;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** The last message. */
  get last(): ReceivedCall {
    const message = this.messages.at(-1);
    if (!message) throw new Error('no message came');
    return message;
  }

  /** The access token that was issued this many times before the last one. */
  accessToken(before = 0): string {
    return `ya29.access-${this.grants.length - before}`;
  }

  /** Sets the responses to the next requests for an access token; later ones get a token. */
  grantsNext(...answers: Response[]): void {
    this.grantAnswers.push(...answers);
  }

  /** Sets the responses to the next messages; later ones are delivered. */
  answersNext(...answers: Response[]): void {
    this.messageAnswers.push(...answers);
  }

  /** Holds all responses until {@link release}. */
  hold(): void {
    this.isHeld = true;
  }

  release(): void {
    this.isHeld = false;
    for (const send of this.held.splice(0)) send();
  }

  /** Restores normal responses and forgets the received requests, but not the number of issued access tokens. */
  reset(): void {
    this.release();
    this.lifetime = 3599;
    this.grantAnswers = [];
    this.messageAnswers = [];
    this.messages.length = 0;
  }

  async stop(): Promise<void> {
    this.server.close();
    this.server.closeAllConnections();
    await once(this.server, 'close');
  }

  private grant(call: ReceivedCall): Response {
    this.grants.push(call);
    const granted = { access_token: this.accessToken(), expires_in: this.lifetime, token_type: 'Bearer' };
    return this.grantAnswers.shift() ?? { status: 200, body: granted };
  }

  private deliver(call: ReceivedCall): Response {
    this.messages.push(call);
    return (
      this.messageAnswers.shift() ?? {
        status: 200,
        body: { name: `projects/file-project/messages/0:${this.messages.length}` },
      }
    );
  }
}
