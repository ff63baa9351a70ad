import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

interface Target {
  readonly port: number;
  readonly host: string;
}

/** Relays connections between clients and a server. It can make connections dead that neither side has closed. */
export class Relay {
  private readonly sockets = new Set<Socket>();

  private constructor(
    private readonly server: Server,
    readonly port: number,
    private target: Target,
  ) {}

  /**
   * @param target the port of the server on this machine, or its address.
   * @param watch receives both ends of each connection before any data.
   */
  static async start(target: number | Target, watch?: (client: Socket, server: Socket) => void): Promise<Relay> {
    // Half-open sockets keep a dead connection open even after the client closes it.
    const server = createServer({ allowHalfOpen: true });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const relay = new Relay(server, (server.address() as AddressInfo).port, targetOf(target));
    server.on('connection', (client) => {
      const far = connect({ ...relay.target, allowHalfOpen: true });
      watch?.(client, far);
      relay.join(client, far);
    });
    return relay;
  }

  /** Relays new connections to another server, like a proxy or DNS after a failover. Existing connections stay. */
  lead(target: number | Target): void {
    this.target = targetOf(target);
  }

  /** Makes the existing connections dead: they transfer no more data. New ones work. */
  goDead(): void {
    for (const socket of this.sockets) socket.unpipe().pause();
  }

  async stop(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    this.server.close();
    await once(this.server, 'close');
  }

  private join(...ends: [Socket, Socket]): void {
    for (const socket of ends) {
      this.sockets.add(socket);
      socket.on('error', () => {}).on('close', () => this.sockets.delete(socket));
    }
    ends[0].pipe(ends[1]);
    ends[1].pipe(ends[0]);
  }
}

function targetOf(target: number | Target): Target {
  return typeof target === 'number' ? { port: target, host: '127.0.0.1' } : target;
}
