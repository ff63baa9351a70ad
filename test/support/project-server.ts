// Jest runs this file before it maps module names, so these imports and those of the imported files have no `.js`.
import { createConnection } from 'mysql2/promise';
import { PrivateMariadb } from './private-mariadb';
import { PrivateMysql } from './private-mysql';
import type { PrivateServer, ServerAccess } from './private-server';
import { type DatabaseServer, serverAccess, serverVariables } from './test-database';

declare global {
  /** The servers that the set-up started. */
  var privateServers: PrivateServer[] | undefined;
}

const products = { mariadb: PrivateMariadb, mysql: PrivateMysql, galera: PrivateMariadb };

/**
 * The global set-up of a jest project that needs a database server. Jest runs it only if tests of that project run. It
 * starts a private server unless TEST_DB_* name one, and puts its address into the environment.
 *
 * @param started a server that is used instead.
 */
export async function setUp(product: DatabaseServer, started?: ServerAccess): Promise<void> {
  const variables = serverVariables(product);
  if (started || !process.env[variables.host]) {
    const { host, port, user, password } = started ?? (await startPrivate(product));
    Object.assign(process.env, {
      [variables.host]: host,
      [variables.port]: String(port),
      [variables.user]: user,
      [variables.password]: password,
    });
  }
  process.env[variables.version] = await versionOf(product);
}

async function startPrivate(product: DatabaseServer): Promise<ServerAccess> {
  const server = await products[product].start();
  (globalThis.privateServers ??= []).push(server);
  return server.access;
}

/** Stops the servers that the set-up started. */
export async function tearDown(): Promise<void> {
  for (const server of globalThis.privateServers?.splice(0) ?? []) await server.stop();
}

async function versionOf(product: DatabaseServer): Promise<string> {
  const connection = await createConnection(serverAccess(product));
  const [[{ version }]] = (await connection.query('SELECT VERSION() AS version')) as unknown as [[{ version: string }]];
  await connection.end();
  return version;
}
