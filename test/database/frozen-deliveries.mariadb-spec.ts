import type { Connection } from 'mysql2/promise';
import { Claims } from '../../src/deliveries/claims.service.js';
import {
  type Caller,
  createCaller,
  type DeliveringCall,
  deliveringCalls,
  ExternalServices,
  MESSAGES,
  orphans,
} from '../security/deliveries-in-flight.js';
import { Api } from '../support/api.js';
import { connectTo } from '../support/database-2021.js';
import type { Answer } from '../support/http.js';
import { until, untilInnodb } from '../support/until.js';
import { PrivateMariadb } from '../support/private-mariadb.js';
import { range } from '../support/public-routes.js';
import { type Timed, timed, untilServed } from '../support/timed-calls.js';
import { createOnServer } from '../support/test-database.js';

/** Seconds within which every call must be answered. */
const MOST = 15;

describe('A database that freezes while messages are delivered', () => {
  let mariadb: PrivateMariadb;
  let external: ExternalServices;
  let api: Api;
  let past: Connection;
  let callers: Caller[];
  let round = 0;
  let calls: DeliveringCall[];

  beforeAll(async () => {
    mariadb = await PrivateMariadb.start();
    external = await ExternalServices.start();
    const database = await createOnServer(mariadb.access);
    api = await Api.start({ database, environment: external.environment, real: ['push', 'mail', 'sms'] });
    past = await connectTo(database);
    const { from, apiKey = '' } = await api.given.admin();
    const admin = { from, 'x-api-key': apiKey };
    callers = await Promise.all(
      range(4).map((index) => createCaller((request) => api.send(request), past, `caller.${index}`, admin)),
    );
  }, 60_000);
  beforeEach(async () => {
    round += 1;
    await past.query('DELETE FROM email_changed; DELETE FROM phone_change_codes');
    calls = await deliveringCalls(past, round, callers);
  });
  afterAll(async () => {
    mariadb.thaw();
    await external.stop();
    await past.end();
    await api.stop();
    await mariadb.stop();
  });

  const send = () => calls.map(({ request }) => timed(() => api.send(request)));

  const expectRefusedInTime = (answers: readonly Timed[]) => {
    expect(answers.map(({ answer }) => answer.status)).toEqual(calls.map(() => 503));
    expect(Math.max(...answers.map(({ seconds }) => seconds))).toBeLessThan(MOST);
  };

  /** Expects that the calls leave nothing behind, and that each succeeds once its reservation has expired. */
  const expectRepeatable = async () => {
    await untilInnodb(async () => {
      const [open] = await past.query('SELECT trx_id FROM information_schema.innodb_trx');
      return (open as unknown[]).length === 0;
    });
    const states = async () => Promise.all(calls.map((call) => call.state(past)));
    expect(await states()).toEqual(calls.map(() => 'nothing'));
    expect(await orphans(past)).toEqual([]);
    external.release();
    api.clock.advance(api.app.get(Claims).lifetime + 1);
    const answers: Answer[] = await Promise.all(
      calls.map(async ({ request }) => (await untilServed(() => api.send(request))).answer),
    );
    expect(calls.filter((call, index) => !call.hasSucceeded(answers[index] as Answer)).map(({ kind }) => kind)).toEqual(
      [],
    );
    expect(await states()).toEqual(calls.map(() => 'whole'));
  };

  it('before anything is sent costs each call 503 in time, and nothing is sent', async () => {
    await past.query('LOCK TABLES delivery_claims WRITE');
    const answers = send();
    await until(async () => {
      const [waiting] = await past.query(
        "SELECT id FROM information_schema.processlist WHERE command <> 'Sleep' AND info LIKE 'INSERT INTO delivery_claims%'",
      );
      return (waiting as unknown[]).length === 3;
    });
    external.hold();
    mariadb.freeze();
    const blocked = await Promise.all(answers.slice(0, 3));
    mariadb.thaw();
    await past.query('UNLOCK TABLES');
    // Calls that need no reservation have reached the external service, which holds their messages.
    external.release();
    const others = await Promise.all(answers.slice(3));
    expect(blocked.map(({ answer }) => answer.status)).toEqual([503, 503, 503]);
    expect(Math.max(...[...blocked, ...others].map(({ seconds }) => seconds))).toBeLessThan(MOST);
    await past.query('DELETE FROM email_changed; DELETE FROM phone_change_codes');
    await expectRepeatable();
  }, 60_000);

  it.each([
    { end: 'are delivered', release: true },
    { end: 'are not taken until the time for them is over', release: false },
  ])(
    'and messages that then $end cost each call 503 in time, and leave nothing',
    async ({ release }) => {
      external.hold();
      const answers = send();
      await external.untilHeld(MESSAGES);
      mariadb.freeze();
      if (release) external.release();
      try {
        expectRefusedInTime(await Promise.all(answers));
      } finally {
        mariadb.thaw();
      }
      await expectRepeatable();
    },
    60_000,
  );
});
