import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EmbeddedDatabase } from '../../src/database/embedded-database.js';
import { Api } from '../support/api.js';
import { timed, whilePinging } from '../support/timed-calls.js';
import { range } from '../support/public-routes.js';

const DB_TIMEOUT = 2;

describe('A SQLite file that another process writes to', () => {
  let folder: string;
  let api: Api;
  let other: EmbeddedDatabase;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'flexisip-api-busy-'));
    const file = join(folder, 'busy.sqlite');
    const database = { environment: { DB_DRIVER: 'sqlite', DB_DATABASE: file }, remove: async () => {} };
    api = await Api.start({ database, environment: { DB_TIMEOUT: String(DB_TIMEOUT), RATE_LIMITS: 'off' } });
    other = new EmbeddedDatabase(file);
  });
  afterAll(async () => {
    other.close();
    await api.stop();
    rmSync(folder, { recursive: true });
  });

  const write = () =>
    api
      .anonymous()
      .post('/api/tokens', { pn_provider: 'fcm', pn_param: 'project', pn_prid: api.given.unique('device') });

  it('answers writes with 503 in time, and reads without delay', async () => {
    const alice = await api.given.account();
    other.exec('BEGIN IMMEDIATE');
    const { result, slowestPing } = await whilePinging(api, async () => {
      // A token is read before it is written, so SQLite refuses the write at once. The write of a nonce would wait, and
      // all other calls with it.
      const signIn = () => api.withDigest(alice).get('/api/accounts/me');
      const writes = Promise.all(range(20).map((n) => timed(n % 2 === 0 ? write : signIn)));
      const read = await timed(() => api.withKey(alice).get('/api/accounts/me'));
      return { read, writes: await writes };
    });
    other.exec('ROLLBACK');
    for (const { answer, seconds } of result.writes) {
      expect(answer).toMatchObject({ status: 503, json: { code: 'database_unavailable' } });
      expect(seconds).toBeLessThan(DB_TIMEOUT + 2);
    }
    expect(result.read.answer.status).toBe(200);
    expect(slowestPing).toBeLessThan(1);
    expect(api.pushes.attempts).toBe(0);
    expect((await write()).status).toBe(200);
  });

  it('answers writes that can wait until it is free', async () => {
    other.exec('BEGIN IMMEDIATE');
    const writes = Promise.all(range(20).map(write));
    setTimeout(() => other.exec('COMMIT'), 700);
    for (const { status } of await writes) expect(status).toBe(200);
  });
});
