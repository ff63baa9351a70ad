import { createServer, type Server, type Socket } from 'node:net';
import { Api } from '../support/api.js';
import type { GivenAccount } from '../support/factories.js';
import { answerAsRedis } from '../support/external/services-under-test.js';
import { freePort } from '../support/private-mariadb.js';

/** What a connection answers, by command; null for bytes that are no answer at all. */
type Answers = Readonly<Record<string, string>> | null;

const CASES: (readonly [what: string, first: Answers, reason: RegExp])[] = [
  ['sends what is no answer', null, /Protocol error/],
  ['sends what is no answer to the first look', { info: 'a\r\n' }, /Protocol error/],
  ['sends what is no answer to a command', { hgetall: 'a\r\n' }, /Protocol error/],
  ['refuses the first look for a reason that nobody knows', { info: '-ODD is today\r\n' }, /ODD/],
];

describe('A connection to the Redis of the registrar', () => {
  let server: Server;
  let api: Api;
  let account: GivenAccount;
  /** For each connection, in this order; further ones are well. */
  const behaviours: Answers[] = [];
  const sockets = new Set<Socket>();

  beforeAll(async () => {
    const port = await freePort();
    // Half open, as where a firewall swallows the end: the connection lasts although the service has left it.
    server = createServer({ allowHalfOpen: true }, (socket) => {
      sockets.add(socket);
      const answers = behaviours.length > 0 ? behaviours.shift() : {};
      if (answers) answerAsRedis(socket, answers);
      else socket.on('error', () => undefined).once('data', () => socket.write('no answer at all\r\n'));
    });
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
    // The connection of the start is the last of its kind.
    behaviours.push(null);
    api = await Api.start({
      environment: { DEVICES_DRIVER: 'redis', FLEXISIP_REDIS_URL: `redis://127.0.0.1:${port}` },
      real: ['devices'],
    });
    account = await api.given.account();
  });
  beforeEach(() => {
    api.log.length = 0;
  });
  afterAll(async () => {
    await api.stop();
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });

  const devices = () => api.withKey(account).get('/api/accounts/me/devices');

  it.each(CASES)(
    'that %s fails the calls under way, and the next call is served over a new one',
    async (_what, first, reason) => {
      // Whatever connection there is goes first.
      for (const socket of sockets) socket.destroy();
      behaviours.push(first);
      const answers = await Promise.all([devices(), devices(), devices()]);
      expect(answers.map(({ status }) => status)).toEqual([503, 503, 503]);
      expect(api.log.join('\n')).toMatch(reason);
      expect(await devices()).toMatchObject({ status: 200, json: {} });
    },
  );
});
