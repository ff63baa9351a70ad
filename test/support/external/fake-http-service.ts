import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';

/** A received request. */
export interface ArrivedRequest {
  readonly method: string;
  /** The request target, unchanged. */
  readonly target: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  /** The parsed body; throws if it is not JSON. */
  // oxlint-disable-next-line typescript/no-explicit-any -- tests look into whatever arrived
  readonly json: any;
  /** The body, parsed as a form. */
  readonly form: URLSearchParams;
}

export interface Reply {
  /** Default 200. */
  status?: number;
  headers?: Record<string, string>;
  /** A string is sent unchanged, other values as JSON. Default `{}`. */
  body?: unknown;
}

/** Responds to a request. A promise keeps the caller waiting. */
export type Replying = (request: ArrivedRequest) => Reply | Promise<Reply>;

/** An HTTP service that records requests and responds as the test sets. */
export class FakeHttpService {
  /** The received requests, oldest first. */
  readonly requests: ArrivedRequest[] = [];
  private replying: Replying = () => ({});

  private constructor(
    private readonly server: Server,
    readonly origin: string,
  ) {}

  static async start(replying?: Replying): Promise<FakeHttpService> {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const service = new FakeHttpService(server, `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    if (replying) service.answer(replying);
    server.on('request', (message, response) => void service.serve(message, response));
    return service;
  }

  /** Sets the response to further requests. */
  answer(how: Reply | Replying): void {
    this.replying = typeof how === 'function' ? how : () => how;
  }

  /** The last request. */
  get last(): ArrivedRequest {
    const request = this.requests.at(-1);
    if (request === undefined) throw new Error('nothing arrived');
    return request;
  }

  /** Forgets the received requests. */
  forget(): void {
    this.requests.length = 0;
  }

  async stop(): Promise<void> {
    const closed = once(this.server, 'close');
    this.server.close();
    this.server.closeAllConnections();
    await closed;
  }

  private async serve(message: IncomingMessage, response: ServerResponse): Promise<void> {
    const request = await read(message);
    this.requests.push(request);
    const { status = 200, headers = {}, body = {} } = await this.reply(request);
    const [type, text] = typeof body === 'string' ? ['text/plain', body] : ['application/json', JSON.stringify(body)];
    response.writeHead(status, { 'content-type': type, ...headers }).end(text);
  }

  private async reply(request: ArrivedRequest): Promise<Reply> {
    try {
      return await this.replying(request);
    } catch (error) {
      // This is an error of the test itself. Leaving the caller waiting would hide it.
      return { status: 599, body: String(error) };
    }
  }
}

async function read(message: IncomingMessage): Promise<ArrivedRequest> {
  const chunks: Buffer[] = [];
  for await (const chunk of message) chunks.push(chunk as Buffer);
  const body = Buffer.concat(chunks).toString('utf8');
  const target = message.url ?? '';
  const { pathname, searchParams } = new URL(target, 'http://localhost');
  return {
    method: message.method ?? '',
    target,
    path: pathname,
    query: searchParams,
    headers: message.headers,
    body,
    get json() {
      return JSON.parse(body);
    },
    get form() {
      return new URLSearchParams(body);
    },
  };
}
