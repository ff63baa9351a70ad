import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A request as Google gets it. */
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

/** Google: gives out access tokens at `/token`, and takes messages everywhere else. */
export class FakeGoogle {
  /** The requests for an access token. */
  readonly grants: ReceivedCall[] = [];
  /** The messages. */
  readonly messages: ReceivedCall[] = [];
  /** Seconds for which an access token is good. */
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

  /** The message that came last. */
  get last(): ReceivedCall {
    const message = this.messages.at(-1);
    if (!message) throw new Error('no message came');
    return message;
  }

  /** The access token that was given out so many times before the last. */
  accessToken(before = 0): string {
    return `ya29.access-${this.grants.length - before}`;
  }

  /** How the next requests for an access token are answered; those after them get one. */
  grantsNext(...answers: Response[]): void {
    this.grantAnswers.push(...answers);
  }

  /** How the next messages are answered; those after them are delivered. */
  answersNext(...answers: Response[]): void {
    this.messageAnswers.push(...answers);
  }

  /** Keeps all answers back, until {@link release}. */
  hold(): void {
    this.isHeld = true;
  }

  release(): void {
    this.isHeld = false;
    for (const send of this.held.splice(0)) send();
  }

  /** Answers as it should again, and forgets what came; not how many access tokens there were. */
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
    return this.messageAnswers.shift() ?? { status: 200, body: { name: `projects/file-project/messages/0:${this.messages.length}` } };
  }
}
