import { ApiKeysService } from '../../src/auth/api-keys.service.js';
import { Transactions } from '../../src/database/transactions.js';
import { Api } from '../support/api.js';
import type { GivenAccount } from '../support/factories.js';
import { ME } from '../support/http.js';

describe('An API key', () => {
  let api: Api;

  beforeAll(async () => {
    api = await Api.start();
  });
  afterAll(() => api.stop());

  /** Generates a key as the panel and the command line do. */
  const generateFor = (account: GivenAccount) =>
    api.app.get(Transactions).run((manager) => api.app.get(ApiKeysService).generate(manager, account));
  const call = async (account: GivenAccount, key: string) =>
    (await api.send({ path: ME, headers: { from: account.from, 'x-api-key': key } })).status;

  it('is drawn of 40 letters and digits, and opens the door of its account', async () => {
    const alice = await api.given.account({ key: false });
    const key = await generateFor(alice);
    expect(key).toMatch(/^[A-Za-z0-9]{40}$/);
    expect(await call(alice, key)).toBe(200);
    const rows = await api.sql('SELECT created_at, updated_at FROM api_keys WHERE account_id = ?', [alice.id]);
    expect(rows).toHaveLength(1);
    expect(rows[0].created_at).not.toBeNull();
    expect(rows[0].updated_at).toEqual(rows[0].created_at);
  });

  it('ends the one before, and nobody else’s', async () => {
    const [alice, bob] = [await api.given.account(), await api.given.account()];
    const key = await generateFor(alice);
    expect(await call(alice, alice.apiKey ?? '')).toBe(401);
    expect(await call(alice, key)).toBe(200);
    expect(await call(bob, bob.apiKey ?? '')).toBe(200);
  });

  it('is taken byte for byte', async () => {
    const alice = await api.given.account({ username: 'keybearer' });
    const key = alice.apiKey ?? '';
    for (const wrong of [
      key.toUpperCase(),
      key.slice(0, -1),
      `${key}x`,
      '',
      key.replace('e', 'é'),
      `${key}%`,
      "' OR '1'='1",
    ]) {
      expect(await call(alice, wrong)).toBe(401);
    }
    expect(await call(alice, key)).toBe(200);
  });

  it('opens no account without one, whatever is sent', async () => {
    const alice = await api.given.account({ key: false });
    for (const key of ['', 'null', 'undefined', '0']) expect(await call(alice, key)).toBe(401);
  });
});
