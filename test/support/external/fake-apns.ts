import { once } from 'node:events';
import {
  constants,
  createServer,
  type IncomingHttpHeaders,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from 'node:http2';
import type { AddressInfo, Socket } from 'node:net';

/** A push as Apple receives it. */
export interface ReceivedPush {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  /** The number of its connection, from 1. */
  readonly connection: number;
}

interface Response {
  status: number;
  reason?: string;
}

type Answer = Response | 'hold' | 'refuse';

const DELIVERED: Response = { status: 200 };

/** A push service with Apple's HTTP/2 interface (without TLS) and responses set by the test. */
export class FakeApns {
  readonly received: ReceivedPush[] = [];
  /** The number of connections so far. */
  connections = 0;
  /** Pushes without a response yet. */
  readonly held: ServerHttp2Stream[] = [];
  private readonly server;
  private readonly sessions = new Set<ServerHttp2Session>();
  private readonly sockets = new Set<Socket>();
  private answers: Answer[] = [];
  private always: Answer = DELIVERED;

  /** @param streams the most pushes that a connection takes at once. */
  constructor(streams = 100) {
    this.server = createServer({ settings: { maxConcurrentStreams: streams } });
    this.server.on('connection', (socket: Socket) => {
      this.sockets.add(socket);
      socket.once('close', () => this.sockets.delete(socket));
    });
    this.server.on('session', (session) => {
      this.connections += 1;
      const connection = this.connections;
      this.sessions.add(session);
      session.once('close', () => this.sessions.delete(session));
      session.on('error', () => {});
      session.on('stream', (stream, headers) => this.receive(stream, headers, connection));
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

  get openConnections(): number {
    return this.sockets.size;
  }

  /** The last push. */
  get last(): ReceivedPush {
    const push = this.received.at(-1);
    if (!push) throw new Error('no push came');
    return push;
  }

  /** Sets the responses to the next pushes; later ones are delivered. */
  answersNext(...answers: Answer[]): void {
    this.answers.push(...answers);
  }

  /** Sets the response to all further pushes. */
  answersAlways(answer: Answer): void {
    this.always = answer;
  }

  /** Delivers the waiting pushes. */
  release(): void {
    for (const stream of this.held.splice(0)) respond(stream, DELIVERED);
  }

  /** Sends GOAWAY on every connection, and closes it once the requests in progress have responses. */
  goAway(code: number = constants.NGHTTP2_NO_ERROR): void {
    for (const session of this.sessions) {
      session.goaway(code);
      session.close();
    }
  }

  /** Cuts every connection, like a broken network. */
  cut(): void {
    for (const socket of this.sockets) socket.resetAndDestroy();
  }

  /** Closes every connection. A connection ends once the other side has closed it too. */
  async hangUp(): Promise<void> {
    const ends = [...this.sockets].map((socket) => once(socket, 'close'));
    for (const socket of this.sockets) socket.end();
    await Promise.all(ends);
  }

  /** Delivers all further pushes and forgets the received ones. */
  reset(): void {
    this.release();
    this.answers = [];
    this.always = DELIVERED;
    this.received.length = 0;
  }

  async stop(): Promise<void> {
    for (const session of this.sessions) session.destroy();
    this.server.close();
    for (const socket of this.sockets) socket.destroy();
    await once(this.server, 'close');
  }

  private receive(stream: ServerHttp2Stream, headers: IncomingHttpHeaders, connection: number): void {
    const chunks: Buffer[] = [];
    stream.on('error', () => {});
    stream.on('data', (chunk: Buffer) => chunks.push(chunk));
    stream.on('end', () => {
      this.received.push({ headers, body: Buffer.concat(chunks).toString('utf8'), connection });
      const answer = this.answers.shift() ?? this.always;
      if (answer === 'hold') this.held.push(stream);
      else if (answer === 'refuse') stream.close(constants.NGHTTP2_REFUSED_STREAM);
      else respond(stream, answer);
    });
  }
}

function respond(stream: ServerHttp2Stream, { status, reason }: Response): void {
  if (stream.destroyed) return;
  const id = { ':status': status, 'apns-id': '8b0a4c5e-0000-4000-8000-000000000000' };
  if (reason === undefined) return stream.respond(id, { endStream: true });
  stream.respond({ ...id, 'content-type': 'application/json' });
  stream.end(JSON.stringify({ reason, ...(status === 410 ? { timestamp: 1_795_472_029_000 } : {}) }));
}
