import { TokenPurgeService } from '../../src/tokens/token-purge.service.js';
import { Api } from '../support/api.js';
import { range } from '../support/public-routes.js';

const DAY = 86_400;
/** Seconds that the test itself may take. */
const MARGIN = 5;

describe('Expired tokens', () => {
  let api: Api;
  let purge: TokenPurgeService;

  beforeAll(async () => {
    api = await Api.start();
    purge = api.app.get(TokenPurgeService);
  });
  beforeEach(async () => {
    for (const table of ['tokens', 'flexisip_api_tokens']) await api.sql(`DELETE FROM ${table}`);
  });
  afterAll(() => api.stop());

  const oneTime = (hash: string, expiresIn: number) =>
    api.sql("INSERT INTO flexisip_api_tokens (kind, hash, created, expires) VALUES ('auth', ?, ?, ?)", [
      hash,
      api.given.moment(-10 * DAY),
      api.given.moment(expiresIn),
    ]);
  const creation = (token: string, origin: string | null, used: 0 | 1, expiresIn: number | null) =>
    api.sql(
      "INSERT INTO tokens (token, pn_provider, pn_param, pn_prid, used, origin, expires) VALUES (?, '', '', '', ?, ?, ?)",
      [token, used, origin, expiresIn === null ? null : api.given.moment(expiresIn)],
    );
  const left = async () => [
    ...(await api.sql('SELECT hash AS name FROM flexisip_api_tokens ORDER BY hash')).map(({ name }) => String(name)),
    ...(await api.sql('SELECT token AS name FROM tokens ORDER BY token')).map(({ name }) => String(name)),
  ];

  it('are removed a day after they expired, and not before', async () => {
    await oneTime('valid', MARGIN);
    await oneTime('the last to stay', -DAY + MARGIN);
    await oneTime('the first to go', -DAY - 1);
    expect(await purge.run()).toBe(1);
    expect(await left()).toEqual(['the last to stay', 'valid']);
  });

  it('stay if they are of a device, or used', async () => {
    await creation('1 of 2021', null, 0, null);
    await creation('2 pushed', 'push', 0, -2 * DAY);
    await creation('3 used', 'request', 1, -2 * DAY);
    await creation('4 used invitation', 'invitation', 1, -2 * DAY);
    await creation('5 recent', 'request', 0, -DAY + MARGIN);
    await creation('6 old', 'request', 0, -2 * DAY);
    await creation('7 old invitation', 'invitation', 0, -2 * DAY);
    expect(await purge.run()).toBe(2);
    expect(await left()).toEqual(['1 of 2021', '2 pushed', '3 used', '4 used invitation', '5 recent']);
  });

  it('are removed in batches, until a signal ends that', async () => {
    for (const index of range(230)) await oneTime(`many ${index}`, -2 * DAY);
    await creation('an old one', 'request', 0, -2 * DAY);
    expect(await purge.run(AbortSignal.abort())).toBe(100);
    expect(await purge.run(new AbortController().signal)).toBe(131);
    expect(await left()).toEqual([]);
  });
});
