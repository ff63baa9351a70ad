import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

interface Target {
  readonly port: number;
  readonly host: string;
}

/** Stands between a client and a server, and can let connections go dead that neither side has closed. */
export class Relay {
  private readonly sockets = new Set<Socket>();

  private constructor(
    private readonly server: Server,
    readonly port: number,
    private target: Target,
  ) {}

  /**
   * @param target its port on this machine, or where else it listens.
   * @param watch gets both ends of each connection before anything has come through it.
   */
  static async start(target: number | Target, watch?: (client: Socket, server: Socket) => void): Promise<Relay> {
    // Half open, so that a dead connection is not even closed when the client closes it.
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

  /** Leads new connections elsewhere, as a proxy or DNS does after a failover. Those that stand now stay. */
  lead(target: number | Target): void {
    this.target = targetOf(target);
  }

  /** Lets the connections that stand now go dead: nothing comes through any more. New ones work. */
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
