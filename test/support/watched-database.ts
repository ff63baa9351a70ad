import type { Api } from './api.js';
import { MysqlListener } from './mysql-wire.js';
import { Relay } from './external/relay.js';
import type { ServerAccess } from './private-mariadb.js';
import { range } from './public-routes.js';
import { serverAccess } from './test-database.js';

/** More than the service has connections. */
const ALL_CONNECTIONS = 40;

/** A statement that nobody else runs. */
const OURS = "DO 'nothing'";

/** The MariaDB server of this run behind a relay that reads what is asked of it, whoever asks and by whatever means. */
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

  /** The way to the server past which nothing is watched. */
  get access(): ServerAccess {
    return { ...this.server, host: '127.0.0.1', port: this.relay.port };
  }

  /**
   * Lets some work be done on connections that the service has open, and what it leaves for later, and gives what it came to with all
   * that the server was asked for.
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

/** Opens those that are not open; on each, this comes after all that the service has begun. */
async function useEveryConnection(api: Api): Promise<void> {
  await Promise.all(range(ALL_CONNECTIONS).map(() => api.sql(OURS)));
}
