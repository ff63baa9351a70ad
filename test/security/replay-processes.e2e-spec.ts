import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Api, PUBLIC_URL } from '../support/api.js';
import type { GivenAccount } from '../support/factories.js';
import { sendRequest } from '../support/http.js';
import { freePort } from '../support/private-mariadb.js';
import { range } from '../support/public-routes.js';
import { Service } from '../support/service.js';
import { createDatabase, type TestDatabase } from '../support/test-database.js';
import { CALLS, type Captured, captureAll, challengeFrom, Replays, sign, WAYS } from './replays.js';
import { report, sizes } from './sizes.js';

const APP_KEY = 'a secret of two processes, not for you';
const WAY_NAMES = Object.keys(WAYS);

/** One of several processes. It keeps its address when it is restarted. */
interface Process {
  readonly origin: string;
  service: Service;
}

jest.setTimeout(30_000 + sizes.replays * 20);

describe('A captured Digest call, over processes and restarts,', () => {
  const replays = new Replays();
  const all: Captured[] = [];
  let folder: string;
  let database: TestDatabase;
  let api: Api;
  let alice: GivenAccount;
  let processes: Process[] = [];

  const start = (port: number) =>
    Service.start(
      { ...database.environment, APP_KEY, APP_URL: PUBLIC_URL, RATE_LIMITS: 'off', PORT: String(port) },
      folder,
    );

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'flexisip-api-replay-'));
    database = await createDatabase();
    // This third process on the same database creates the accounts.
    api = await Api.start({ database, environment: { APP_KEY, RATE_LIMITS: 'off' } });
    alice = await api.given.admin({ stored: ['MD5', 'SHA-256'] });
    for (const port of [await freePort(), await freePort()]) {
      processes.push({ origin: `http://127.0.0.1:${port}`, service: await start(port) });
    }
  });
  afterAll(async () => {
    report('replay over processes', { 'replays tried': replays.tried, accepted: replays.accepted });
    await Promise.all(processes.map(({ service }) => service.stop()));
    await api.stop();
    await database.remove();
    rmSync(folder, { recursive: true });
  });

  const origins = () => [...processes.map(({ origin }) => origin), api.origin];
  const nth = <T>(list: readonly T[], index: number): T => list[index % list.length] as T;

  it('is refused by the process that took it, and by the others', async () => {
    for (const origin of origins()) all.push(...(await captureAll(origin, alice)));
    for (const index of range(Math.ceil(sizes.replays * 0.4))) {
      await replays.replay(nth(origins(), index), nth(all, index), nth(WAY_NAMES, Math.floor(index / 3)));
    }
    expect(replays.refused()).toBe(true);
  });

  it('is taken where one process made the nonce and another is answered, and then nowhere', async () => {
    for (const [from, to] of [
      [0, 1],
      [1, 0],
      [0, 2],
      [2, 1],
    ] as const) {
      const captured = sign(await challengeFrom(nth(origins(), from), alice), alice, nth(CALLS, 0));
      expect((await sendRequest(nth(origins(), to), captured.request)).status).toBe(200);
      for (const origin of origins()) for (const way of WAY_NAMES) await replays.replay(origin, captured, way);
      all.push(captured);
    }
    expect(replays.refused()).toBe(true);
  });

  it('is taken once of many copies sent to all processes at once', async () => {
    for (const round of range(Math.ceil((sizes.replays * 0.3) / 30))) {
      const unseen = sign(await challengeFrom(nth(origins(), round), alice), alice, nth(CALLS, round));
      expect(await replays.race(origins(), unseen, 30)).toBe(1);
    }
    expect(replays.refused()).toBe(true);
  });

  /** Ends the first process, starts it again, and replays everything on all processes. */
  async function restart(signal: 'SIGTERM' | 'SIGKILL', underWay: readonly Captured[] = []): Promise<void> {
    const [first] = processes as [Process];
    const before = sign(await challengeFrom(first.origin, alice), alice, nth(CALLS, 0));
    const statuses = underWay.map(({ request }) => sendRequest(first.origin, request).then(status, () => 0));
    if (statuses.length > 0) await Promise.race(statuses);
    await (signal === 'SIGKILL' ? first.service.crash() : first.service.stop());
    const answered = await Promise.all(statuses);
    all.push(...underWay.filter((_, index) => answered[index] === 200));
    first.service = await start(Number(new URL(first.origin).port));

    // A request that was signed before can still be sent once: the nonce has outlived the process.
    expect((await sendRequest(first.origin, before.request)).status).toBe(200);
    all.push(before);
    for (const index of range(Math.ceil(sizes.replays * 0.15))) {
      await replays.replay(
        nth(origins(), index),
        nth(all, Math.floor(index / 3)),
        nth(WAY_NAMES, Math.floor(index / 3)),
      );
    }
    for (const one of all) for (const origin of origins()) await replays.replay(origin, one, 'as it was');
  }

  it('is refused after a process was stopped and started again', async () => {
    await restart('SIGTERM');
    expect(replays.refused()).toBe(true);
  });

  it('is refused after a process was killed, if it was answered before, however shortly', async () => {
    const challenge = await challengeFrom(nth(origins(), 0), alice);
    await restart(
      'SIGKILL',
      range(30).map((index) => sign(challenge, alice, nth(CALLS, 0), index + 1)),
    );
    expect(replays.refused()).toBe(true);
  });
});

const status = (answer: { status: number }) => answer.status;
