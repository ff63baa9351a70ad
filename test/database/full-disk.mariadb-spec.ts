import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Api } from '../support/api.js';
import type { GivenAccount } from '../support/factories.js';
import type { Answer } from '../support/http.js';
import { until } from '../support/until.js';
import { PrivateMariadb } from '../support/private-mariadb.js';
import { range } from '../support/public-routes.js';
import { tally } from '../support/refusal.js';
import { createOnServer } from '../support/test-database.js';

// Only root may mount the small disk. `.ci/run` runs as root.
const describeAsRoot = process.getuid?.() === 0 ? describe : describe.skip;

describeAsRoot('A server whose disk is full', () => {
  let disk: string;
  let mariadb: PrivateMariadb;
  let api: Api;
  let admin: GivenAccount;

  beforeAll(async () => {
    disk = mkdtempSync(join(tmpdir(), 'flexisip-api-disk-'));
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=400m', 'tmpfs', disk]);
    mariadb = await PrivateMariadb.start([], disk);
    api = await Api.start({ database: await createOnServer(mariadb.access), environment: { DB_TIMEOUT: '3' } });
    admin = await api.given.admin();
  });
  afterAll(async () => {
    await api.stop();
    await mariadb.stop();
    execFileSync('umount', [disk]);
    rmSync(disk, { recursive: true });
  });

  const create = (): Promise<Answer> => {
    const username = api.given.unique('newcomer');
    return api.withKey(admin).post('/api/accounts', { username, password: 'secret words', algorithm: 'MD5' });
  };
  const readiness = async (): Promise<number> => (await api.send({ path: '/health/ready' })).status;

  it('makes writes 503 and the process not ready, and is used again when there is room', async () => {
    const { bavail, bsize } = statfsSync(disk);
    const ballast = join(disk, 'ballast');
    writeFileSync(ballast, Buffer.alloc(bavail * bsize - 64 * 1024));
    // The tables still have some free space.
    const answers: Answer[] = [];
    const isFull = () => answers.some(({ status }) => status === 503);
    for (let round = 0; !isFull() && round < 400; round++) answers.push(...(await Promise.all(range(20).map(create))));
    expect(Object.keys(tally(answers)).toSorted()).toEqual(['200', '503 database_unavailable']);
    await until(async () => (await readiness()) === 503);

    rmSync(ballast);
    await until(async () => (await create()).status === 200);
    await until(async () => (await readiness()) === 200);
    const made = await api.count('accounts', 'id IN (SELECT account_id FROM passwords)');
    expect(await api.count('accounts')).toBe(made);
  }, 120_000);
});
