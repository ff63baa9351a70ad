import { randomInt } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Connection } from 'mysql2/promise';
import { runCli } from '../support/cli.js';
import { connectTo } from '../support/database-2021.js';
import { DigestClient, processAt } from '../support/digest-client.js';
import { type Answer, closeConnections, sendRequest } from '../support/http.js';
import { APP_KEY } from '../support/settings.js';
import { untilInnodb } from '../support/until.js';
import { freePort, type PrivateServer } from '../support/private-server.js';
import { untilServed } from '../support/timed-calls.js';
import { range } from '../support/public-routes.js';
import { Service } from '../support/service.js';
import { startServer } from '../support/start-server.js';
import { createOnServer, type TestDatabase } from '../support/test-database.js';
import { accountsOf, type Creation, creations, giveTokens, leftovers, PASSWORD } from './creations.js';

const ROUNDS = Number(process.env.SECURITY_CRASH_ROUNDS ?? 4);
const SEED = Number(process.env.SECURITY_CRASH_SEED ?? randomInt(2 ** 31));
const IN_FLIGHT = 200;

/** Returns numbers from 0 to 1, the same for the same seed (mulberry32). */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

describe('200 creations in flight, and a SIGKILL', () => {
  const total = { acknowledged: 0, refused: 0, unanswered: 0, madeUnanswered: 0, lost: 0, halfMade: 0 };
  const draw = random(SEED);
  let folder: string;
  let server: PrivateServer;
  let database: TestDatabase;
  let past: Connection;
  let environment: Record<string, string>;
  let service: Service;
  let origin: string;
  let admin: Record<string, string>;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'flexisip-api-crash-'));
    server = await startServer();
    database = await createOnServer(server.access);
    const port = String(await freePort());
    origin = `http://127.0.0.1:${port}`;
    const own = { APP_KEY, RATE_LIMITS: 'off', PORT: port };
    environment = { ...database.environment, ...own };
    const { stdout } = await runCli(environment, 'accounts:create-admin', 'operator', '--json');
    const { sip, api_key: key } = JSON.parse(stdout) as { sip: string; api_key: string };
    admin = { from: `sip:${sip}`, 'x-api-key': key };
    past = await connectTo(database);
    service = await Service.start(environment, folder);
  }, 60_000);
  afterAll(async () => {
    await past.end();
    await service.stop();
    closeConnections();
    await server.stop();
    rmSync(folder, { recursive: true });
    const sums = Object.entries(total).map(([name, count]) => `${name} ${count}`);
    process.stdout.write(`crash: seed ${SEED}, rounds ${ROUNDS}, ${sums.join(', ')}\n`);
  });

  const post = ({ path, body }: Creation) => {
    const headers = { ...(path === '/api/accounts' ? admin : {}), 'content-type': 'application/json' };
    return sendRequest(origin, { method: 'POST', path, headers, body: JSON.stringify(body) });
  };

  /**
   * Whether Digest works for the account. An account that is not activated gets that answer only after a correct proof.
   */
  const canSignIn = async ({ body: { username }, isActivated }: Creation): Promise<boolean> => {
    const [path, from] = ['/api/accounts/me', `sip:${username}@sip.example.org`];
    const client = await DigestClient.start(processAt(origin), { from, username, password: PASSWORD });
    const authorization = client.authorize();
    const { status, text } = await sendRequest(origin, { path, headers: { from, authorization } });
    return isActivated ? status === 200 : status === 403 && text.includes('account_not_activated');
  };

  /**
   * Sends all requests at once and kills the service after this many answers: at the beginning, in the middle, or at
   * the end.
   */
  const sendAndKill = async (
    wanted: readonly Creation[],
    after: number,
    kill: () => Promise<void>,
  ): Promise<(Answer | null)[]> => {
    let answered = 0;
    let killed: Promise<void> | undefined;
    const killInTime = () => {
      if (answered >= after) killed ??= kill();
    };
    const answers = wanted.map(async (creation) => {
      const answer = await post(creation).catch(() => null);
      answered += 1;
      killInTime();
      return answer;
    });
    killInTime();
    const all = await Promise.all(answers);
    await killed;
    return all;
  };

  const recover = async (victim: string) => {
    closeConnections();
    if (victim === 'mariadbd') {
      await past.end().catch(() => undefined);
      await server.comeBack();
      past = await connectTo(database);
    } else {
      service = await Service.start(environment, folder);
    }
    expect((await untilServed(() => sendRequest(origin, { path: '/health/ready' }))).seconds).toBeLessThan(30);
    await untilNothingIsOpen();
  };

  /** Waits until the server has ended the open transactions of a killed service, before rows are counted. */
  const untilNothingIsOpen = () =>
    untilInnodb(async () => {
      const [rows] = await past.query('SELECT trx_id FROM information_schema.innodb_trx');
      return (rows as unknown[]).length === 0;
    });

  /** Describes everything that is wrong after a round. */
  const check = async (round: number, wanted: readonly Creation[], answers: readonly (Answer | null)[]) => {
    const accounts = await accountsOf(past, round);
    const acknowledged = wanted.filter((_, index) => answers[index]?.status === 200);
    const lost = acknowledged.filter(({ body }) => !accounts.has(body.username)).map(({ body }) => body.username);
    const halfMade = wanted
      .filter(({ body, rows }) => accounts.has(body.username) && !same(accounts.get(body.username), rows))
      .map(({ body }) => `${body.username} is ${JSON.stringify(accounts.get(body.username))}`);
    halfMade.push(...(await leftovers(past, round)));
    const signIns = await Promise.all(acknowledged.map(canSignIn));
    const lockedOut = acknowledged.filter((_, index) => !signIns[index]).map(({ body }) => body.username);
    total.acknowledged += acknowledged.length;
    total.refused += answers.filter((answer) => answer?.status === 503).length;
    total.unanswered += answers.filter((answer) => answer === null).length;
    total.madeUnanswered += accounts.size - acknowledged.length;
    total.lost += lost.length + lockedOut.length;
    total.halfMade += halfMade.length;
    return { lost, halfMade, lockedOut };
  };

  it.each(range(ROUNDS))(
    `leave no account lost, and none half-made (seed ${SEED}, round %i)`,
    async (round) => {
      const victim = round % 2 === 0 ? 'mariadbd' : 'the service';
      const wanted = creations(round, IN_FLIGHT);
      await giveTokens(past, wanted);
      const answers = await sendAndKill(wanted, Math.floor(draw() * IN_FLIGHT), () =>
        victim === 'mariadbd' ? server.crash() : service.crash(),
      );
      for (const answer of answers) if (answer) expect([200, 503]).toContain(answer.status);
      await recover(victim);
      expect(await check(round, wanted, answers)).toEqual({ lost: [], halfMade: [], lockedOut: [] });
    },
    60_000,
  );

  it('had accounts to lose', () => expect(total.acknowledged).toBeGreaterThan(10 * ROUNDS));
});

function same(one: unknown, other: unknown): boolean {
  const sorted = (value: unknown) => JSON.stringify(Object.entries(value as object).toSorted());
  return sorted(one) === sorted(other);
}
