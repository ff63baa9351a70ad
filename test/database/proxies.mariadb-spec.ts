import { mkdtempSync, rmSync } from 'node:fs';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Api } from '../support/api.js';
import { Relay } from '../support/external/relay.js';
import { freePort } from '../support/private-server.js';
import { sendRequest } from '../support/http.js';
import { range } from '../support/public-routes.js';
import { APP_KEY } from '../support/settings.js';
import { untilServed } from '../support/timed-calls.js';
import { tally } from '../support/refusal.js';
import { Service } from '../support/service.js';
import { createDatabase, type TestDatabase } from '../support/test-database.js';

/** The command that runs a prepared statement, and the id of a statement that does not exist. */
const EXECUTE = 0x17;
const UNKNOWN_STATEMENT = 0xffffff;

/** A server that answers each connection with an error instead of a greeting, like a proxy that reaches no server. */
async function refusingServer(errno: number): Promise<{ port: number; stop: () => void }> {
  const message = Buffer.from(`error ${errno}`);
  const server = createServer((socket) => {
    const error = Buffer.from([0xff, errno & 0xff, errno >> 8]);
    socket
      .on('error', () => undefined)
      .end(Buffer.concat([Buffer.from([error.length + message.length, 0, 0, 0]), error, message]));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { port: (server.address() as AddressInfo).port, stop: () => server.close() };
}

describe('Behind a proxy', () => {
  let database: TestDatabase;
  const folder = mkdtempSync(join(tmpdir(), 'flexisip-api-proxies-'));

  beforeAll(async () => {
    database = await createDatabase();
  });
  afterAll(async () => {
    await database.remove();
    rmSync(folder, { recursive: true });
  });

  /** A relay to the server of the tests. */
  const startRelay = (watch?: Parameters<typeof Relay.start>[1]): Promise<Relay> => {
    const { DB_HOST: host = '', DB_PORT: port } = database.environment;
    return Relay.start({ host, port: Number(port) }, watch);
  };

  it.each([2003, 9501, 1043, 65_000])(
    'a start whose connection is answered by error %d waits for the server',
    async (errno) => {
      const refusing = await refusingServer(errno);
      const relay = await startRelay();
      const { DB_HOST: host = '', DB_PORT: port } = database.environment;
      relay.lead(refusing.port);
      const ours = String(await freePort());
      const environment = {
        ...database.environment,
        APP_KEY,
        PORT: ours,
        DB_HOST: '127.0.0.1',
      };
      const service = await Service.start({ ...environment, DB_PORT: String(relay.port) }, folder);
      await service.until(new RegExp(`The database is not available: error ${errno}`));
      relay.lead({ host, port: Number(port) });
      expect(
        (await untilServed(() => sendRequest(`http://127.0.0.1:${ours}`, { path: '/health/ready' }))).answer.status,
      ).toBe(200);
      await service.stop();
      await relay.stop();
      refusing.stop();
    },
  );

  it('a session that was moved to a server without its prepared statements is left for a new one', async () => {
    let connections = 0;
    let moved = 0;
    const relay = await startRelay((client) => {
      const number = (connections += 1);
      client.on('data', (bytes: Buffer) => {
        const isExecution = bytes.length >= 9 && bytes[3] === 0 && bytes[4] === EXECUTE;
        if (number <= moved && isExecution) bytes.writeUInt32LE(UNKNOWN_STATEMENT, 5);
      });
    });
    const api = await Api.start({ database, environment: { DB_HOST: '127.0.0.1', DB_PORT: String(relay.port) } });
    const account = await api.given.account();
    const read = () => api.withKey(account).get('/api/accounts/me');
    await Promise.all(range(20).map(read));
    moved = connections;
    expect(tally([await read()])).toEqual({ '503 database_unavailable': 1 });
    expect(tally(await Promise.all(range(20).map(read)))).toEqual({ 200: 20 });
    await api.stop();
    await relay.stop();
  });
});
