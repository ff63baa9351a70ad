import { randomInt } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Connection } from 'mysql2/promise';
import { runCli } from '../support/cli.js';
import { connectTo } from '../support/database-2021.js';
import { type Answer, closeConnections, type RawRequest, sendRequest } from '../support/http.js';
import { APP_KEY } from '../support/settings.js';
import { until, untilInnodb } from '../support/until.js';
import { freePort } from '../support/private-mariadb.js';
import { range } from '../support/public-routes.js';
import { Service } from '../support/service.js';
import { createDatabase, type TestDatabase } from '../support/test-database.js';
import {
  type Caller,
  createCaller,
  type DeliveringCall,
  deliveringCalls,
  ExternalServices,
  MESSAGES,
  orphans,
} from './deliveries-in-flight.js';
import { report, sizes } from './sizes.js';

/** The steps at which a process is killed, in the order of a call. */
const STEPS = [
  'before anything is reserved',
  'during the delivery',
  'before what was delivered is stored',
  'between the answers',
] as const;
type Step = (typeof STEPS)[number];

/** The longest lifetime of a reservation, in seconds (docs/deliveries.md). */
const LONGEST_CLAIM = 20;

const isSuccess = (call: DeliveringCall, answer: Answer | null) => answer !== null && call.hasSucceeded(answer);

describe('Deliveries of every kind under way, and a SIGKILL', () => {
  const total = { deliveries: 0, acknowledged: 0, unanswered: 0, repeated: 0, lost: 0, 'half-done': 0 };
  let folder: string;
  let database: TestDatabase;
  let past: Connection;
  let blockers: readonly [Connection, Connection];
  let external: ExternalServices;
  let environment: Record<string, string>;
  let service: Service;
  let origin: string;
  let callers: Caller[];

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'flexisip-api-crash-'));
    database = await createDatabase();
    external = await ExternalServices.start();
    const port = String(await freePort());
    origin = `http://127.0.0.1:${port}`;
    environment = {
      ...database.environment,
      ...external.environment,
      APP_KEY,
      RATE_LIMITS: 'off',
      PORT: port,
    };
    const { stdout } = await runCli(environment, 'accounts:create-admin', 'operator', '--json');
    const { sip, api_key: key } = JSON.parse(stdout) as { sip: string; api_key: string };
    past = await connectTo(database);
    blockers = [await connectTo(database), await connectTo(database)];
    service = await Service.start(environment, folder);
    const admin = { from: `sip:${sip}`, 'x-api-key': key };
    callers = await Promise.all(range(4).map((index) => createCaller(send, past, `caller.${index}`, admin)));
  }, 120_000);
  afterAll(async () => {
    await Promise.all([past, ...blockers].map((connection) => connection.end()));
    await service.stop();
    closeConnections();
    await external.stop();
    await database.remove();
    rmSync(folder, { recursive: true });
    report('deliveries and SIGKILL', { seed: sizes.seed, rounds: sizes.deliveryCrashes, ...total });
  });

  const send = (request: RawRequest) => sendRequest(origin, request);

  /** Blocks reservations and writes, while accounts can be read. Returns a function that ends this. */
  const block = async (): Promise<() => Promise<void>> => {
    const [rows, table] = blockers;
    await rows.query('START TRANSACTION');
    await rows.query('SELECT id FROM accounts WHERE id IN (?) FOR UPDATE', [callers.map(({ account }) => account.id)]);
    await table.query('LOCK TABLES delivery_claims WRITE');
    return async () => {
      await rows.query('ROLLBACK');
      await table.query('UNLOCK TABLES');
    };
  };

  /** Waits until this many statements of the service wait for a lock. */
  const untilBlocked = (count: number) =>
    until(async () => {
      const [found] = await past.query(
        `SELECT id FROM information_schema.processlist
          WHERE db = DATABASE() AND command <> 'Sleep' AND (info LIKE '%delivery_claims%' OR info LIKE '%FOR UPDATE') AND id <> CONNECTION_ID()`,
      );
      return (found as unknown[]).length === count;
    });

  /** Sends all calls and kills the service at a step. */
  const sendAndKill = async (calls: readonly DeliveringCall[], step: Step): Promise<(Answer | null)[]> => {
    const unblock = step === STEPS[0] ? await block() : async () => {};
    external.hold();
    const firstAnswer = new AbortController();
    const answers = calls.map(({ request }) =>
      send(request)
        .catch(() => null)
        .finally(() => firstAnswer.abort()),
    );
    if (step === STEPS[0]) {
      await untilBlocked(calls.length).finally(() => service.crash());
      await unblock();
    } else {
      await external.untilHeld(MESSAGES);
      await afterDelivery(step, calls.length, firstAnswer.signal);
    }
    external.release();
    return Promise.all(answers);
  };

  /** Continues from the moment when all messages are held. */
  const afterDelivery = async (step: Step, count: number, firstAnswer: AbortSignal) => {
    if (step === STEPS[1]) return service.crash();
    if (step === STEPS[2]) {
      const unblock = await block();
      external.release();
      await untilBlocked(count).finally(() => service.crash());
      return unblock();
    }
    external.release();
    // A random moment between the first accepted message and the first answer, or a little later.
    const turns = randomInt(20_000);
    for (let turn = 0; turn < turns && !firstAnswer.aborted; turn += 1)
      await new Promise((resolve) => setImmediate(resolve));
    return service.crash();
  };

  /** Waits until the server has ended the statements and transactions of a killed service. */
  const untilNothingIsOpen = () =>
    untilInnodb(async () => {
      const [found] = await past.query(
        "SELECT id FROM information_schema.processlist WHERE db = DATABASE() AND command <> 'Sleep' AND id <> CONNECTION_ID()",
      );
      const [open] = await past.query(
        'SELECT trx_id FROM information_schema.innodb_trx JOIN information_schema.processlist ON id = trx_mysql_thread_id WHERE db = DATABASE()',
      );
      return (found as unknown[]).length + (open as unknown[]).length === 0;
    });

  /** Moves the times of the reservations back, as if they had expired. */
  const outliveClaims = async () => {
    const [found] = await past.query(
      'SELECT TIMESTAMPDIFF(SECOND, UTC_TIMESTAMP(), MAX(expires)) AS seconds FROM delivery_claims',
    );
    expect(Number((found as { seconds: number | null }[])[0]?.seconds ?? 0)).toBeLessThanOrEqual(LONGEST_CLAIM);
    await past.query('UPDATE delivery_claims SET expires = expires - INTERVAL ? SECOND', [LONGEST_CLAIM + 1]);
  };

  const statesOf = (calls: readonly DeliveringCall[]) => Promise.all(calls.map((call) => call.state(past)));

  it.each(range(sizes.deliveryCrashes).map((round) => [round, STEPS[round % STEPS.length] as Step] as const))(
    'leave nothing half-done, and succeed when they are repeated (round %i, %s)',
    async (round, step) => {
      await past.query('DELETE FROM email_changed; DELETE FROM phone_change_codes');
      const calls = await deliveringCalls(past, round, callers);
      const answers = await sendAndKill(calls, step);
      closeConnections();
      await untilNothingIsOpen();
      service = await Service.start(environment, folder);

      const states = await statesOf(calls);
      const of = (wrong: (index: number) => boolean) =>
        calls.filter((_, index) => wrong(index)).map(({ kind }) => kind);
      const halfDone = of((index) => states[index] === 'half-done');
      const lost = of(
        (index) => isSuccess(calls[index] as DeliveringCall, answers[index] ?? null) && states[index] !== 'whole',
      );
      const unanswered = answers.filter((answer) => answer === null).length;
      total.deliveries += calls.length;
      total.unanswered += unanswered;
      total.acknowledged += calls.filter((call, index) => isSuccess(call, answers[index] ?? null)).length;
      total.lost += lost.length;
      total['half-done'] += halfDone.length;
      expect({ halfDone, lost, orphans: await orphans(past) }).toEqual({ halfDone: [], lost: [], orphans: [] });
      if (step !== STEPS[3]) expect(unanswered).toBe(calls.length);

      await outliveClaims();
      const open = calls.filter((_, index) => states[index] === 'nothing');
      const again = await Promise.all(open.map(({ request }) => send(request)));
      total.repeated += again.length;
      expect(
        open
          .filter((call, index) => !call.hasSucceeded(again[index] as Answer))
          .map(({ kind }, index) => [kind, again[index]?.text]),
      ).toEqual([]);
      expect(await statesOf(calls)).toEqual(calls.map(() => 'whole'));
      expect(await orphans(past)).toEqual([]);
    },
    120_000,
  );
});
