import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';

/** The fault of every connection to a server. */
export type ConnectionFault = 'refused' | 'hanging' | 'slow' | 'garbage' | 'reset' | 'huge';

/** Milliseconds between the bytes of a slow response, which never ends. */
const DRIP = 50;

/**
 * A server with one fault on every connection, on a TCP port of the loopback interface or a Unix socket.
 *
 * @param beginning the beginning of a valid response of its protocol. A slow, broken or endless response starts with
 *   it.
 */
export class FaultyServer {
  private fault: ConnectionFault = 'hanging';
  private readonly server: Server;
  private readonly sockets = new Set<Socket>();

  constructor(
    private readonly address: { port: number } | { path: string },
    private readonly beginning: Buffer,
  ) {
    this.server = createServer((socket) => this.serve(socket));
  }

  async start(fault: ConnectionFault): Promise<void> {
    this.fault = fault;
    if (fault === 'refused') return;
    this.server.listen('port' in this.address ? { ...this.address, host: '127.0.0.1' } : this.address);
    await once(this.server, 'listening');
  }

  async stop(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    if (!this.server.listening) return;
    this.server.close();
    await once(this.server, 'close');
    if ('path' in this.address) rmSync(this.address.path, { force: true });
  }

  private serve(socket: Socket): void {
    this.sockets.add(socket);
    socket.on('close', () => this.sockets.delete(socket)).on('error', () => socket.destroy());
    socket.on('data', () => undefined);
    switch (this.fault) {
      case 'slow':
        return this.drip(socket);
      case 'garbage':
        return void socket.end(Buffer.from('\u0000\u0001\u00ff%&/( no protocol at all )\r\n\r\n'.repeat(8), 'latin1'));
      case 'reset':
        // A Unix socket cannot be reset.
        return void socket.write(this.beginning, () =>
          'port' in this.address ? socket.resetAndDestroy() : socket.destroy(),
        );
      case 'huge':
        socket.write(this.beginning);
        return flood(socket);
      default:
    }
  }

  private drip(socket: Socket): void {
    const bytes = Buffer.concat([this.beginning, Buffer.alloc(1024, 'a')]);
    let sent = 0;
    const timer = setInterval(
      () => socket.write(bytes.subarray(sent % bytes.length, (sent % bytes.length) + 1)) && (sent += 1),
      DRIP,
    );
    socket.once('close', () => clearInterval(timer));
  }
}

function flood(socket: Socket): void {
  const block = Buffer.alloc(16_384, 'a');
  const more = () => {
    while (!socket.destroyed && socket.write(block));
  };
  socket.on('drain', more);
  more();
}
