import type { Api } from './api.js';
import { MysqlListener } from './mysql-wire.js';
import { Relay } from './external/relay.js';
import type { ServerAccess } from './private-mariadb.js';
import { range } from './public-routes.js';
import { serverAccess } from './test-database.js';

/** More than the number of connections of the service. */
const ALL_CONNECTIONS = 40;

/** A statement that no other code runs. */
const OURS = "DO 'nothing'";

/** The MariaDB server of this run behind a relay that reads every request to it, from any client. */
export class WatchedDatabase {
  private constructor(
    private readonly relay: Relay,
    private readonly server: ServerAccess,
    private readonly asked: string[],
  ) {}

  static async start(): Promise<WatchedDatabase> {
    const [server, asked] = [serverAccess(), [] as string[]];
    const relay = await Relay.start(server, (client, far) => {
      const listener = new MysqlListener((one) => void asked.push(one));
      client.on('data', listener.fromClient);
      far.on('data', listener.fromServer);
    });
    return new WatchedDatabase(relay, server, asked);
  }

  /** The address of the relay. */
  get access(): ServerAccess {
    return { ...this.server, host: '127.0.0.1', port: this.relay.port };
  }

  /**
   * Runs work on open connections of the service. Returns its result and all requests to the server, including those
   * that the work leaves for later.
   */
  async during<T>(api: Api, work: () => Promise<T>): Promise<{ result: T; asked: string[] }> {
    await useEveryConnection(api);
    this.asked.length = 0;
    const result = await work();
    await useEveryConnection(api);
    return { result, asked: this.asked.filter((one) => one !== OURS) };
  }

  stop(): Promise<void> {
    return this.relay.stop();
  }
}

/**
 * Opens the remaining connections. On each connection, this statement runs after everything that the service has begun.
 */
async function useEveryConnection(api: Api): Promise<void> {
  await Promise.all(range(ALL_CONNECTIONS).map(() => api.sql(OURS)));
}
