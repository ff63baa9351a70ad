import { mkdtempSync, rmSync } from 'node:fs';
import { Agent } from 'node:http';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createConnection, type Connection } from 'mysql2/promise';
import { PrivateRedis } from '../test/support/external/private-redis.js';
import { freePort, PrivateMariadb } from '../test/support/private-mariadb.js';
import { EmulatedProxy } from './emulated-proxy.js';
import type { Surroundings } from './exchange.js';
import { DOMAIN, Population, TokenSupply } from './population.js';
import { send, Server } from './server.js';

/** Programs that can be started, relative to the root of the repository. */
export const PROGRAMS = { service: 'dist/src/main.js', floor: 'dist/bench/bench/floor/server.js' } as const;
const DATABASE = 'flexisip';

/** Options for production: no acknowledged write is lost, and all tables fit in memory. */
const MARIADB_OPTIONS = [
  '--innodb-flush-log-at-trx-commit=1',
  '--innodb-buffer-pool-size=2G',
  '--innodb-log-file-size=512M',
];

/** The environment of the measured servers: a MariaDB, an emulated proxy, and accounts. */
export class Installation {
  private constructor(
    readonly mariadb: PrivateMariadb,
    private readonly connection: Connection,
    private readonly proxy: EmulatedProxy,
    readonly folder: string,
    readonly population: Population,
  ) {}

  /** Starts everything, lets the service migrate, and fills the database. */
  static async start(accounts: number, onProgress: (count: number) => void): Promise<Installation> {
    const folder = mkdtempSync(join(tmpdir(), 'flexisip-api-bench-'));
    const mariadb = await PrivateMariadb.start(MARIADB_OPTIONS);
    const connection = await createConnection({ ...mariadb.access, timezone: 'Z' });
    await connection.query(`CREATE DATABASE ${DATABASE} CHARACTER SET utf8mb4`);
    await connection.query(`USE ${DATABASE}`);
    const proxy = new EmulatedProxy(folder);
    await proxy.start();
    const installation = new Installation(mariadb, connection, proxy, folder, new Population(accounts));
    try {
      await (await installation.server(PROGRAMS.service)).stop();
      await installation.population.fill(connection, onProgress);
      return installation;
    } catch (error) {
      await installation.stop();
      throw error;
    }
  }

  /** Starts the service, of this build or another, or the floor, with production settings except for limits. */
  async server(program: string, settings: Readonly<Record<string, string>> = {}): Promise<Server> {
    return Server.start(resolve(program), { ...this.settings(await freePort()), ...settings }, this.folder);
  }

  /**
   * What a route needs for its measurement on a server.
   *
   * @param connections the number of parallel requests that may be sent outside of the measurement.
   */
  surroundings({ origin }: Pick<Server, 'origin'>, connections = 8): Surroundings & { close(): void } {
    const agent = new Agent({ keepAlive: true, maxSockets: connections });
    return {
      population: this.population,
      tokens: (this.supply ??= new TokenSupply(this.connection)),
      send: (exchange) => send(origin, exchange, agent),
      close: () => agent.destroy(),
    };
  }

  /** The settings of a nonce store. For `redis` it starts a Redis. */
  async nonceStore(kind: string): Promise<Record<string, string>> {
    if (kind !== 'redis') return { NONCE_STORE: kind };
    this.redis ??= await PrivateRedis.start();
    // The store must look old: it would reject nonces of its first second.
    await this.redis.client.set('flexisip-api:nonce-era', '0');
    return { NONCE_STORE: kind, REDIS_URL: this.redis.url };
  }

  async stop(): Promise<void> {
    this.proxy.stop();
    await this.redis?.stop();
    await this.connection.end();
    await this.mariadb.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }

  private supply?: TokenSupply;
  private redis?: PrivateRedis;

  private settings(port: number): Record<string, string> {
    const { host, port: databasePort, user, password } = this.mariadb.access;
    return {
      NODE_ENV: 'production',
      HOST: '127.0.0.1',
      PORT: String(port),
      APP_URL: 'https://sip.example.org/flexiapi',
      APP_KEY: 'the key of the benchmark, at least 32 characters',
      APP_SIP_DOMAIN: DOMAIN,
      DB_DRIVER: 'mysql',
      DB_HOST: host,
      DB_PORT: String(databasePort),
      DB_DATABASE: DATABASE,
      DB_USERNAME: user,
      DB_PASSWORD: password,
      NONCE_LIFETIME: '86400',
      RATE_LIMITS: 'off',
      // No measured call sends a message.
      PUSH_DRIVER: 'log',
      MAIL_DRIVER: 'log',
      SMS_DRIVER: 'log',
      CAPTCHA_DRIVER: 'none',
      ...this.proxy.environment,
    };
  }
}
