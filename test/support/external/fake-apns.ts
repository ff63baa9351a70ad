import { once } from 'node:events';
import { constants, createServer, type IncomingHttpHeaders, type ServerHttp2Session, type ServerHttp2Stream } from 'node:http2';
import type { AddressInfo, Socket } from 'node:net';

/** A push as Apple gets it. */
export interface ReceivedPush {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  /** The number of the connection it came on, from 1. */
  readonly connection: number;
}

interface Response {
  status: number;
  reason?: string;
}

type Answer = Response | 'hold' | 'refuse';

const DELIVERED: Response = { status: 200 };

/** A push service that speaks HTTP/2 as Apple's does (without TLS), and answers what it is told. */
export class FakeApns {
  readonly received: ReceivedPush[] = [];
  /** How many connections there have ever been. */
  connections = 0;
  /** Pushes that wait for an answer. */
  readonly held: ServerHttp2Stream[] = [];
  private readonly server;
  private readonly sessions = new Set<ServerHttp2Session>();
  private readonly sockets = new Set<Socket>();
  private answers: Answer[] = [];
  private always: Answer = DELIVERED;

  /** @param streams how many pushes a connection takes at once. */
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

  /** The push that came last. */
  get last(): ReceivedPush {
    const push = this.received.at(-1);
    if (!push) throw new Error('no push came');
    return push;
  }

  /** How the next pushes are answered; those after them are delivered. */
  answersNext(...answers: Answer[]): void {
    this.answers.push(...answers);
  }

  /** How all pushes are answered from now on. */
  answersAlways(answer: Answer): void {
    this.always = answer;
  }

  /** Delivers the pushes that wait. */
  release(): void {
    for (const stream of this.held.splice(0)) respond(stream, DELIVERED);
  }

  /** Tells every client to send nothing more on its connection, and closes it once what is under way is answered. */
  goAway(code: number = constants.NGHTTP2_NO_ERROR): void {
    for (const session of this.sessions) {
      session.goaway(code);
      session.close();
    }
  }

  /** Cuts every connection, as a broken network does. */
  cut(): void {
    for (const socket of this.sockets) socket.resetAndDestroy();
  }

  /** Hangs up on every connection; it is over once the other side has hung up too. */
  async hangUp(): Promise<void> {
    const ends = [...this.sockets].map((socket) => once(socket, 'close'));
    for (const socket of this.sockets) socket.end();
    await Promise.all(ends);
  }

  /** Delivers everything again, and forgets what came. */
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
