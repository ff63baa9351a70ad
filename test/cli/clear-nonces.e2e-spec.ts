import type { Api } from '../support/api.js';
import { runCli } from '../support/cli.js';
import { DigestClient } from '../support/digest-client.js';
import { Installation } from '../support/installation.js';

describe('digest:clear-nonces', () => {
  let installation: Installation;
  let api: Api;
  let environment: Record<string, string>;

  beforeAll(async () => {
    installation = await Installation.start();
    ({ api, environment } = installation);
  });
  afterAll(() => installation.stop());

  const clear = async (...words: string[]) =>
    JSON.parse((await runCli(environment, 'digest:clear-nonces', ...words, '--json')).stdout) as unknown;
  const given = async (minutesAgo: number) => {
    const { id } = await api.given.account();
    const nonce = api.given.unique('nonce');
    await api.sql('INSERT INTO nonces (account_id, nonce, nc, created_at) VALUES (?, ?, 1, ?)', [
      id,
      nonce,
      api.given.moment(-minutesAgo * 60),
    ]);
  };

  it('forgets those that were first used so long ago, and no younger ones', async () => {
    for (const age of [8, 59, 61, 200]) await given(age);
    expect(await clear('60')).toEqual({ forgotten: 2, minutes: 60 });
    expect(await api.count('nonces')).toBe(2);
    expect((await runCli(environment, 'digest:clear-nonces', '8')).stdout).toBe(
      '2 nonces of 8 minutes or more forgotten.\n',
    );
  });

  it('makes none replayable, whatever it is asked for', async () => {
    const alice = await api.given.account();
    const path = '/api/accounts/me';
    const authorization = (await DigestClient.start(api, alice)).authorize();
    const call = () => api.send({ path, headers: { from: alice.from, authorization } });
    expect((await call()).status).toBe(200);
    await given(6);
    expect(await clear('0')).toEqual({ forgotten: 0, minutes: 7 });
    expect((await runCli(environment, 'digest:clear-nonces', '0')).stdout).toContain('the lowest age is 7 minutes');
    expect((await call()).status).toBe(401);
  });

  it('forgets any number, and says so meanwhile', async () => {
    const { id } = await api.given.account();
    const moment = api.given.moment(-86_400);
    for (let batch = 0; batch < 12; batch++) {
      const rows = Array.from({ length: 1_000 }, (_, index) => `(${id}, 'old-${batch}-${index}', 1, '${moment}')`);
      await api.sql(`INSERT INTO nonces (account_id, nonce, nc, created_at) VALUES ${rows.join(', ')}`);
    }
    const kept = await api.count('nonces', "nonce NOT LIKE 'old-%'");
    const outcome = await runCli(environment, 'digest:clear-nonces', '60');
    expect(outcome).toEqual({
      code: 0,
      stdout: '12000 nonces of 60 minutes or more forgotten.\n',
      stderr: expect.stringMatching(/^1\d{4} nonces forgotten\n$/) as string,
    });
    expect(await api.count('nonces')).toBe(kept);
  });

  it.each(['soon', '-1', '1.5', ''])('refuses "%s" minutes', async (minutes) => {
    const outcome = await runCli(environment, 'digest:clear-nonces', '--', minutes);
    expect(outcome).toEqual({ code: 1, stdout: '', stderr: 'MINUTES must be a whole number from 0 to 527040.\n' });
  });
});
